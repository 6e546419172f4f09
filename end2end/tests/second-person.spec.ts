// One human is not two people, and nobody changes what asks for a signature: as the people concerned see it.
import { expect, hydrated, test } from "../support/story.ts";

test("an account that an admin made waits until somebody else confirms it", async ({ join }) => {
  const [admin, approver] = [await join("admin"), await join("approver")];
  const made = await admin.request.post("/api/v1/users", { data: { username: "stand-in", roles: ["approver"], password: "seven purple umbrellas" } });
  expect(made.status()).toBe(201);
  await admin.goto("/settings?section=users");
  await hydrated(admin);
  await expect(admin.getByRole("row").filter({ hasText: "stand-in" })).toContainText("set by admin, not confirmed");
  await expect(admin.getByRole("row").filter({ hasText: "approver2" })).toContainText("set on the command line");
  await admin.getByRole("link", { name: "set by admin, not confirmed" }).click();
  await expect(admin.getByRole("row").filter({ hasText: "stand-in" })).toContainText("you set this account yourself");

  await approver.goto("/settings?section=confirmations");
  await hydrated(approver);
  const row = approver.getByRole("row").filter({ hasText: "stand-in" });
  await expect(row).toContainText("roles by admin");
  await row.getByRole("button", { name: "Confirm" }).click();
  await expect(approver.getByText("stand-in is confirmed.")).toBeVisible();
  await expect(row).toHaveCount(0);
  await expect(admin.getByRole("row").filter({ hasText: "stand-in" })).toHaveCount(0);
});

test("a verdict of the asker leaves the rule that asked, marked as past, and the plan holds what it reads", async ({ server, join }) => {
  const [analyst, approver] = [await join("analyst"), await join("approver")];
  const { incident_id: incident } = await server.postAlert({ incident_type: "phishing", severity: "critical", domain: "lure.example", title: "Lure" });
  const verdict = { verdict: "benign", verdict_reason: "looks like a newsletter" };
  expect((await analyst.request.patch(`/api/v1/incidents/${incident}`, { data: verdict })).status()).toBe(200);
  await analyst.goto(`/incidents/${incident}`);
  await hydrated(analyst);
  const reasons = analyst.getByRole("region", { name: "Proposed playbook" }).locator(".reason-list li");
  await expect(reasons.first()).toContainText("past");
  await expect(reasons.first()).toContainText("the incident is S1, at least S2, before people changed it");

  await approver.goto("/approvals");
  await hydrated(approver);
  await analyst.getByRole("button", { name: "Run PB-PHISHING" }).click();
  await approver.getByRole("link", { name: new RegExp(incident) }).click();
  const asked = approver.getByRole("region", { name: "Why it is asked" });
  await expect(asked.locator(".reason-past").first()).toBeVisible();
  await expect(approver.getByText("What later steps read, fixed with this plan")).toBeVisible();
  await expect(approver.locator(".plan-facts")).toContainText("alert.domain");
});
