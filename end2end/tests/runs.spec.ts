// Runs on their own page: followed live by a second person, cancelled after a question, tried without consequences.
import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";

const bruteForce = {
  incident_type: "brute_force",
  impact: 4,
  likelihood: 4,
  confidence: 3,
  context: { privileged_account: true, failed_attempts: 20 },
};

function alertFor(ip: string, account: string): unknown {
  return { ...bruteForce, context: { ...bruteForce.context, ip, target_account: account } };
}

async function ask(page: Page, incident: string, button: RegExp): Promise<string> {
  await page.goto(`/incidents/${incident}`);
  await hydrated(page);
  await page.getByRole("button", { name: button }).click();
  const run = page.getByRole("link", { name: /^RUN-\d{10}$/ }).first();
  await run.waitFor();
  return (await run.textContent())!.trim();
}

test("a run is followed live in a second browser, from its request to its end", async ({ server, join }) => {
  const analyst = await join("analyst");
  const watcher = await join("auditor");
  const receipt = await server.postAlert(alertFor("203.0.113.21", "backup"));
  const run = await ask(analyst, receipt.incident_id, /^Run PB-BRUTE-FORCE$/);

  await watcher.goto("/runs");
  await watcher.getByRole("link", { name: run }).click();
  await expect(watcher.getByRole("heading", { level: 1 })).toHaveText("Run of PB-BRUTE-FORCE");
  await expect(watcher.getByText(/the run waits for its approval/)).toBeVisible();
  const block = watcher.locator("li[data-step=block]");
  await expect(block).toContainText("pending");
  await expect(watcher.getByRole("img", { name: /steps of this run/ })).toContainText("Block address");
  await expect(watcher.getByRole("button", { name: "Withdraw run" })).toBeDisabled();

  const approver = await join("approver");
  await approver.goto("/approvals");
  await approver.getByRole("link", { name: new RegExp(receipt.incident_id) }).click();
  await approver.getByLabel("Reason").fill("Confirmed with the account's owner");
  await approver.getByRole("button", { name: "Approve" }).click();

  await expect(block).toContainText("succeeded");
  await expect(watcher.locator(".page-head")).toContainText("succeeded");
  await expect(watcher.locator(".flow-step.succeeded")).toHaveCount(4);
  await block.getByText("Output").click();
  await expect(block.locator("pre").last()).toContainText('"simulated": true');
});

test("a waiting run is withdrawn after a question", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert(alertFor("203.0.113.22", "www"));
  const run = await ask(analyst, receipt.incident_id, /^Run PB-BRUTE-FORCE$/);
  await analyst.goto(`/runs/${run}`);
  await hydrated(analyst);
  await analyst.getByRole("button", { name: "Withdraw run" }).click();
  const dialog = analyst.getByRole("dialog", { name: "Withdraw run?" });
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(dialog).toBeHidden();
  await analyst.getByRole("button", { name: "Withdraw run" }).click();
  await dialog.getByRole("button", { name: "Withdraw run" }).click();
  await expect(analyst.locator(".page-head")).toContainText("cancelled");
  await expect(analyst.getByRole("button", { name: "Withdraw run" })).toHaveCount(0);
});

test("a dry run says so, asks nobody, and leaves the incident where it is", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert(alertFor("203.0.113.23", "ftp"));
  const run = await ask(analyst, receipt.incident_id, /^Dry run$/);
  await analyst.getByRole("link", { name: run }).first().click();
  await expect(analyst.getByText("Every step is simulated, nobody signs")).toBeVisible();
  await expect(analyst.locator(".page-head")).toContainText("succeeded");
  await expect(analyst.locator(".page-head")).toContainText("dry run");
  await analyst.getByRole("link", { name: receipt.incident_id }).first().click();
  await expect(analyst.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/classified/i);
});
