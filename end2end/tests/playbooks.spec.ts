// Playbooks: read with their flow, tried on an incident, changed by an admin, and compared; who may not is told why.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join as pathOf } from "node:path";
import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";

const phishing = { incident_type: "phishing", impact: 3, likelihood: 3, confidence: 3 };

const written = (summary: string): string => `id: PB-STORY
name: Story
description: ${summary}
incident_type: phishing
priority: -5
actions:
  - id: tell
    action: notify
    with: { channel: soc, message: "Look at it" }
`;

async function editor(page: Page): Promise<ReturnType<Page["getByLabel"]>> {
  await page.goto("/playbooks/upload");
  await hydrated(page);
  return page.getByLabel("Playbook as YAML");
}

test("the library leads to a playbook's flow, its text and its steps", async ({ join }) => {
  const auditor = await join("auditor");
  await auditor.goto("/incidents");
  await hydrated(auditor);
  await auditor.keyboard.press("g");
  await auditor.keyboard.press("p");
  await expect(auditor.getByRole("heading", { level: 1 })).toHaveText("Playbooks");
  const row = auditor.getByRole("row").filter({ hasText: "PB-BRUTE-FORCE" });
  await expect(row).toContainText("severity is S2 or worse");
  await expect(row).toContainText("shipped");
  await row.getByRole("link", { name: "Brute-force containment" }).click();

  await expect(auditor.getByRole("heading", { level: 1 })).toHaveText("Brute-force containment");
  const flow = auditor.getByRole("img", { name: /steps of this playbook/ });
  await expect(flow).toContainText("1 signature, if a rule asks");
  await expect(flow).toContainText("Block address");
  await expect(auditor.getByLabel("The playbook as it is written")).toContainText("id: PB-BRUTE-FORCE");
  await expect(auditor.getByRole("listitem").filter({ hasText: "Disable account" })).toContainText("undo: Enable account");
});

test("a playbook is tried on an incident without any consequence", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert(phishing);
  await analyst.goto("/playbooks/PB-PHISHING?section=try");
  await hydrated(analyst);
  await analyst.getByRole("link", { name: receipt.incident_id }).click();
  await expect(analyst.getByRole("heading", { name: "Proposed playbook" })).toBeVisible();
  await expect(analyst.getByRole("img", { name: /steps of this plan/ })).toContainText(receipt.incident_id);
  await analyst.goto(`/incidents/${receipt.incident_id}?section=runs`);
  await expect(analyst.getByText("Nothing has run yet")).toBeVisible();
});

test("an admin writes a playbook: faults at their lines, then two versions and what changed", async ({ join }) => {
  const admin = await join("admin");
  const text = await editor(admin);
  await text.fill(written("First").replace("action: notify", "action: notifi"));
  await expect(admin.getByText(/^Not valid/)).toBeVisible();
  const faults = admin.getByRole("list", { name: "Faults" });
  await expect(faults).toContainText("notif");
  await expect(faults.getByRole("button", { name: /^line 8, column \d+$/ })).toBeVisible();
  await expect(admin.getByRole("button", { name: "Put in force" })).toBeDisabled();
  await faults.getByRole("button").first().click();
  await expect(text).toBeFocused();

  await text.fill(written("First"));
  await expect(admin.getByText(/^Valid/)).toBeVisible();
  await expect(admin.getByRole("img", { name: /steps of this text/ })).toContainText("Notify");
  await admin.getByRole("button", { name: "Put in force" }).click();
  await expect(admin).toHaveURL(/\/playbooks\/PB-STORY\?section=versions$/);
  await expect(admin.getByText("There is one version so far")).toBeVisible();

  await admin.getByRole("link", { name: "Change" }).click();
  await expect(text).toHaveValue(written("First"));
  await text.fill(written("Second"));
  await expect(admin.getByText(/^Valid/)).toBeVisible();
  await admin.getByRole("button", { name: "Put in force" }).click();
  await expect(admin).toHaveURL(/\/playbooks\/PB-STORY\?section=versions$/);
  const changes = admin.locator(".playbook-changes");
  await expect(changes.getByRole("listitem").filter({ hasText: "description" })).toContainText("Second");
  await expect(changes.locator("tr.removed")).toContainText("description: First");
  await expect(changes.locator("tr.added")).toContainText("description: Second");
  await expect(admin.locator(".version-table tbody tr").first()).toContainText(/in force\s*uploaded by admin/);
});

test("who may not put a playbook in force may check one, and is told why", async ({ join }) => {
  const analyst = await join("analyst");
  const text = await editor(analyst);
  await text.fill(written("Mine"));
  await expect(analyst.getByText(/^Valid/)).toBeVisible();
  await expect(analyst.getByRole("button", { name: "Put in force" })).toBeDisabled();
  await expect(analyst.getByText("Only admins may put a playbook in force")).toBeVisible();
});

test("a file that is refused is shown with its place and reason until it is mended", async ({ server, join }) => {
  const auditor = await join("auditor");
  await auditor.goto("/playbooks");
  await hydrated(auditor);
  const refused = auditor.getByRole("region", { name: /refused/ });
  await expect(refused).toHaveCount(0);
  const file = pathOf(server.folder, "playbooks", "story.yaml");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, written("In a file").replace("action: notify", "action: notifi"));
  await expect(refused).toContainText("1 file is refused");
  await expect(refused).toContainText("story.yaml");
  await expect(refused).not.toContainText(server.folder);
  await expect(refused).toContainText(/line 8, column \d+/);
  await expect(refused).toContainText("did you mean notify?");
  writeFileSync(file, written("Mended in a file"));
  await expect(refused).toHaveCount(0);
  rmSync(file);
});
