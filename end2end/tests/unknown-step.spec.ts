// A step whose outcome nobody knows: the server dies at it, its disk hangs when it is tried again, and a person says what happened.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join as path } from "node:path";
import { expect, hydrated, signedIn, test } from "../support/story.ts";
import { Server } from "../support/server.ts";

const TELL = `id: PB-TELL
name: Tell
incident_type: tell
actions:
  - { id: tell, action: notify, with: { channel: soc, message: "Look at it" }, timeout: 1s }
  - { id: follow, action: create_task, with: { title: "Call back" } }
`;

test("a step of unknown outcome waits for a person, and the run goes on with what they found", async ({ browser }) => {
  const folder = Server.newFolder();
  mkdirSync(path(folder, "playbooks"));
  writeFileSync(path(folder, "playbooks", "tell.yaml"), TELL);
  // Whoever writes this message waits for a reader, and there is none: as on a disk that hangs.
  mkdirSync(path(folder, "outbox"));
  execFileSync("mkfifo", [path(folder, "outbox", ".RUN-0000000001.tell.json.part")]);

  const first = await Server.startIn(folder, { crashPoint: "effect_committed" });
  const analyst = await signedIn(browser, first, "analyst", []);
  const { incident_id } = await first.postAlert({ incident_type: "tell", impact: 2, likelihood: 2, confidence: 3, source: "siem" });
  await analyst.goto(`/incidents/${incident_id}`);
  await hydrated(analyst);
  await analyst.getByRole("button", { name: "Run PB-TELL" }).click();
  await first.died();

  const again = await Server.startIn(folder, { port: first.port });
  await analyst.goto("/runs/RUN-0000000001");
  await hydrated(analyst);
  await expect(analyst.getByText("Paused: nobody knows whether a step happened.")).toBeVisible();
  const step = analyst.locator("li[data-step=tell]");
  await expect(step).toContainText("unknown");
  await expect(step.getByRole("button", { name: "Record outcome" })).toBeDisabled();
  await step.getByRole("radio", { name: "It happened", exact: true }).check();
  await step.getByLabel("How do you know?").fill("The message is in the channel");
  await step.getByRole("button", { name: "Record outcome" }).click();

  await expect(analyst.locator(".page-head")).toContainText("succeeded");
  await expect(step).toContainText("succeeded");
  await expect(analyst.locator("li[data-step=follow]")).toContainText("succeeded");
  await analyst.goto(`/incidents/${incident_id}?section=tasks`);
  await expect(analyst.getByRole("checkbox", { name: "Call back" })).toBeVisible();
  // Its worker still waits for the disk.
  await again.kill();
});
