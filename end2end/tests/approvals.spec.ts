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

test("an approver's pages load again for their own incidents, and for no other", async ({ server, join }) => {
  const [analyst, approver] = [await join("analyst"), await join("approver")];
  const shown = await server.postAlert(bruteForce("backup-svc", "203.0.113.37"));
  const asked = await analyst.request.post(`/api/v1/incidents/${shown.incident_id}/run`, { data: {} });
  const approval = (await asked.json()).approval.id as string;
  const card = approver.locator(".approval-card").filter({ hasText: shown.incident_id });
  const title = async (text: string): Promise<void> => {
    const changed = await analyst.request.patch(`/api/v1/incidents/${shown.incident_id}`, { data: { title: text } });
    expect(changed.status()).toBe(200);
  };
  for (const [address, place] of [["/approvals", card], [`/approvals/${approval}`, approver.getByRole("region", { name: "The incident" })]] as const) {
    await approver.goto(address);
    await hydrated(approver);
    await title("First title");
    await expect(place).toContainText("First title");
    const calls: string[] = [];
    approver.on("request", (request) => calls.push(new URL(request.url()).pathname));
    for (let number = 0; number < 10; number += 1) {
      // What changed elsewhere has arrived when the numbers of the navigation are asked for again.
      const counted = approver.waitForRequest(/\/rpc\/overview\/counts/);
      await server.postAlert({ incident_type: "phishing", severity: "low", title: "Another one", source: `elsewhere-${address.length}-${number}` });
      await counted;
    }
    const loaded = calls.filter((call) => call.startsWith("/rpc/approvals/")).length;
    expect(loaded, "a late message about the incident on the page may load it again, the others do not").toBeLessThan(5);
    await title("Second title");
    await expect(place).toContainText("Second title");
    approver.removeAllListeners("request");
  }
});
