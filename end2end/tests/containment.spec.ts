// What a run has blocked, isolated or disabled is marked on the entity, in every incident that names it.
import { expect, hydrated, test } from "../support/story.ts";

test("a blocked address and a disabled account are marked where they are named", async ({ server, join }) => {
  const seen = { src_ip: "203.0.113.91", username: "ops" };
  const attack = await server.postAlert({
    incident_type: "brute_force",
    impact: 4,
    likelihood: 4,
    confidence: 3,
    ...seen,
    context: { privileged_account: true, ip: seen.src_ip, target_account: seen.username },
  });
  const other = await server.postAlert({ incident_type: "data_exfil", impact: 2, likelihood: 2, confidence: 3, src_ip: seen.src_ip, source: "proxy" });
  const [analyst, approver] = [await join("analyst"), await join("approver")];
  await analyst.goto(`/incidents/${attack.incident_id}`);
  await hydrated(analyst);
  const entities = analyst.getByRole("region", { name: "Entities" });
  await expect(entities.getByText("blocked")).toHaveCount(0);
  await analyst.getByRole("button", { name: "Run PB-BRUTE-FORCE" }).click();

  await approver.goto("/approvals");
  await approver.getByRole("link", { name: new RegExp(attack.incident_id) }).click();
  await expect(approver.locator(".plan-step").filter({ hasText: "Block address" })).toContainText("customers may notice");
  await expect(approver.locator(".plan-step").filter({ hasText: "Block address" })).toContainText("tried once, for at most 1 min");
  await expect(approver.locator(".plan-steps")).not.toContainText("customer_impact");
  await approver.getByLabel("Reason").fill("Confirmed with the account's owner");
  await approver.getByRole("button", { name: "Approve" }).click();

  const row = (value: RegExp) => entities.getByRole("listitem").filter({ hasText: value });
  await expect(row(/203\.0\.113\.91|203\[\.\]0/).first()).toContainText(/blocked/);
  await expect(row(/ops/).first()).toContainText(/disabled/);
  await analyst.goto(`/incidents/${other.incident_id}?section=entities`);
  const mark = analyst.getByRole("link", { name: /blocked/ }).last();
  await expect(mark).toContainText("(simulated)");
  await mark.click();
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("Run of PB-BRUTE-FORCE");
});
