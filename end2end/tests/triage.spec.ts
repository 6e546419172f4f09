// Triage by one analyst, seen by another without a reload.
import { expect, hydrated, test } from "../support/story.ts";

test("taking, tagging and judging an incident shows in another browser, and an open task keeps it from being closed", async ({ server, join }) => {
  const receipt = await server.postAlert({ title: "Odd process tree", incident_type: "malware", impact: 3, likelihood: 3, confidence: 3, hostname: "WS-TRIAGE" });
  const address = `/incidents/${receipt.incident_id}`;
  const [analyst, watcher] = [await join("analyst"), await join("auditor")];
  for (const page of [analyst, watcher]) {
    await page.goto(address);
    await hydrated(page);
  }
  await analyst.getByRole("button", { name: "Take it" }).click();
  await expect(watcher.getByText("Assignee analyst")).toBeVisible();

  await analyst.getByRole("button", { name: "Add tag" }).click();
  await analyst.getByRole("textbox", { name: "Name" }).fill("finance");
  await analyst.getByRole("button", { name: "Save", exact: true }).click();
  await expect(watcher.getByText("Tags finance")).toBeVisible();

  await expect(watcher.getByText("score 29")).toBeVisible();
  await analyst.getByRole("button", { name: "Set", exact: true }).click();
  await analyst.getByRole("radio", { name: "malicious" }).check();
  await analyst.getByRole("textbox", { name: "Reason" }).fill("The parent is a dropped loader");
  await analyst.getByRole("button", { name: "Set verdict" }).click();
  await expect(watcher.getByText("score 49")).toBeVisible();
  await expect(watcher.getByText("S3 medium").first()).toBeVisible();

  await analyst.getByRole("link", { name: /^Tasks/ }).click();
  await analyst.getByRole("textbox", { name: "New task" }).fill("Reimage WS-TRIAGE");
  await analyst.getByRole("button", { name: "Add task" }).click();
  await expect(analyst.getByRole("checkbox", { name: "Reimage WS-TRIAGE" })).toBeVisible();

  const stepper = analyst.getByRole("list", { name: /state/i });
  const move = async (name: string, to: RegExp, reason?: string) => {
    await analyst.getByRole("button", { name, exact: true }).click();
    if (reason) {
      await analyst.getByRole("dialog").getByLabel("Reason").fill(reason);
      await analyst.getByRole("dialog").getByRole("button", { name, exact: true }).click();
    }
    await expect(stepper.locator("[aria-current]")).toContainText(to);
  };
  await move("Start work", /in progress/);
  await move("Mark contained", /contained/, "Host isolated by hand");
  await move("Resolve", /resolved/, "Loader removed");
  await analyst.getByRole("button", { name: "Close", exact: true }).click();
  const dialog = analyst.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Done");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText(/task/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await analyst.getByRole("checkbox", { name: "Reimage WS-TRIAGE" }).check();
  await expect(analyst.getByRole("link", { name: "Tasks", exact: true })).toBeVisible();
  await move("Close", /closed/, "Done");
});

test("what another person changed meanwhile is told, and nothing typed is lost", async ({ server, join }) => {
  const receipt = await server.postAlert({ title: "Two at once", incident_type: "other", severity: "low", source: "two-at-once" });
  const [analyst, other] = [await join("analyst"), await join("analyst2")];
  for (const page of [analyst, other]) {
    await page.goto(`/incidents/${receipt.incident_id}`);
    await hydrated(page);
  }
  await analyst.getByRole("button", { name: "Edit title" }).click();
  await analyst.getByRole("textbox", { name: "Name" }).fill("Mine");
  await other.getByRole("button", { name: "Edit title" }).click();
  await other.getByRole("textbox", { name: "Name" }).fill("Theirs");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Theirs");

  await analyst.getByRole("button", { name: "Save", exact: true }).click();
  await expect(analyst.getByRole("dialog").getByRole("alert")).toContainText("changed since you read it");
  await expect(analyst.getByRole("textbox", { name: "Name" })).toHaveValue("Mine");
  await expect(analyst.getByRole("heading", { level: 1, includeHidden: true })).toHaveText("Theirs");
  await analyst.getByRole("button", { name: "Save", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Mine");
});
