// What was resolved is closed with a verdict: asked for where there is none yet, one by one and for many at once.
import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";
import type { Server } from "../support/server.ts";

async function resolved(server: Server, analyst: Page, title: string): Promise<string> {
  const { incident_id } = await server.postAlert({ title, incident_type: "other", severity: "low", source: title.toLowerCase().replaceAll(" ", "-") });
  for (const to of ["in_progress", "contained", "resolved"]) {
    const moved = await analyst.request.post(`/api/v1/incidents/${incident_id}/transition`, { data: { to, reason: "done by hand" } });
    expect(moved.status()).toBe(200);
  }
  return incident_id;
}

test("one incident is closed only with a verdict", async ({ server, join }) => {
  const analyst = await join("analyst");
  const incident = await resolved(server, analyst, "Closing one");
  await analyst.goto(`/incidents/${incident}`);
  await hydrated(analyst);
  await analyst.getByRole("button", { name: "Close", exact: true }).click();
  const dialog = analyst.getByRole("dialog");
  await expect(dialog).toContainText("What was it in the end");
  await dialog.getByLabel("Reason").fill("The scanner is ours");
  const close = dialog.getByRole("button", { name: "Close", exact: true });
  await expect(close).toBeDisabled();
  await dialog.getByLabel("Closing verdict").selectOption("benign");
  await close.click();
  await expect(analyst.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/closed/);
  await expect(analyst.getByRole("region", { name: "Facts" })).toContainText("benign");
});

test("many are closed with one verdict", async ({ server, join }) => {
  const analyst = await join("analyst");
  const incidents = [await resolved(server, analyst, "Closing many a"), await resolved(server, analyst, "Closing many b")];
  await analyst.goto("/incidents?q=closing+many");
  await hydrated(analyst);
  await analyst.getByRole("checkbox", { name: "Select all rows" }).check();
  await analyst.getByRole("region", { name: "Selected rows" }).getByRole("button", { name: "Move" }).click();
  const dialog = analyst.getByRole("dialog");
  await dialog.getByRole("radio", { name: "closed" }).check();
  await dialog.getByLabel("Reason").fill("The scanner is ours");
  const move = dialog.getByRole("button", { name: "Move" });
  await expect(move).toBeDisabled();
  await dialog.getByLabel("Closing verdict").selectOption("suspicious");
  await move.click();
  await expect(analyst.getByRole("region", { name: "Notices" })).toContainText("2 done");
  for (const incident of incidents) {
    const found = await analyst.request.get(`/api/v1/incidents/${incident}`).then((answer) => answer.json());
    expect([found.state, found.verdict]).toEqual(["closed", "suspicious"]);
  }
});
