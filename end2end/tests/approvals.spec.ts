// Approvals: three groups with an address each, everything that an approver should know, and decisions of before.
import { expect, hydrated, test } from "../support/story.ts";

const bruteForce = (account: string, ip: string): unknown => ({
  incident_type: "brute_force",
  impact: 4,
  likelihood: 4,
  confidence: 3,
  context: { ip, target_account: account, privileged_account: true, failed_attempts: 20 },
});

test("an approver sees what is touched, where else it is in question, and what was decided before", async ({ server, join }) => {
  const analyst = await join("analyst");
  const approver = await join("approver");
  const ask = async (incident: string): Promise<void> => {
    await analyst.goto(`/incidents/${incident}`);
    await hydrated(analyst);
    await analyst.getByRole("button", { name: "Run PB-BRUTE-FORCE" }).click();
    await expect(analyst.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/approval/i);
  };
  const first = await server.postAlert(bruteForce("payroll", "203.0.113.31"));
  await ask(first.incident_id);
  await approver.goto("/approvals");
  await hydrated(approver);
  await approver.getByRole("link", { name: new RegExp(first.incident_id) }).click();
  await approver.getByLabel("Reason").fill("The account is a service account");
  await approver.getByRole("button", { name: "Reject" }).click();
  await expect(approver.getByText("This approval is rejected")).toBeVisible();

  const elsewhere = await server.postAlert({ incident_type: "malware", impact: 2, likelihood: 3, username: "payroll", title: "Dropper on a payroll host" });
  await ask(first.incident_id);
  await approver.goto("/approvals");
  await hydrated(approver);
  await approver.getByRole("link", { name: new RegExp(first.incident_id) }).click();
  await expect(approver.getByText("1 address, 1 account")).toBeVisible();
  await expect(approver.getByText("undone by: Enable account")).toBeVisible();
  const targets = approver.getByRole("region", { name: "The targets elsewhere" });
  await expect(targets.getByRole("link", { name: elsewhere.incident_id })).toBeVisible();
  await expect(targets).toContainText("in no other open incident");
  const before = approver.getByRole("region", { name: "How this playbook was decided before" });
  await expect(before).toContainText("The account is a service account");
  await expect(before).toContainText("same target");

  await approver.goto("/approvals?section=decided");
  await expect(approver.locator(".approval-card").filter({ hasText: first.incident_id })).toContainText("rejected");
  await analyst.goto("/approvals?section=others");
  await expect(analyst.locator(".approval-card").filter({ hasText: first.incident_id })).toContainText("Only an approver can decide this");
});
