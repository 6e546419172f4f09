// The audit log: filters in the address, a tail that can be paused, entries that open.
import { expect, hydrated, test } from "../support/story.ts";

const malware = (title: string): unknown => ({ title, incident_type: "malware", impact: 2, likelihood: 3 });

test("entries are filtered by the address, and the filter is kept in it", async ({ server, join }) => {
  const auditor = await join("auditor");
  const receipt = await server.postAlert(malware("filtered"));
  await auditor.goto("/audit");
  await hydrated(auditor);
  await auditor.getByLabel("Action", { exact: true }).selectOption("ALERT_INGESTED");
  await auditor.getByLabel("Incident", { exact: true }).fill(receipt.incident_id);
  await auditor.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(auditor).toHaveURL(`/audit?action=ALERT_INGESTED&incident_id=${receipt.incident_id}`);
  await expect(auditor.locator("tr.audit-entry")).toHaveCount(1);
  await auditor.reload();
  await hydrated(auditor);
  await expect(auditor.getByLabel("Incident", { exact: true })).toHaveValue(receipt.incident_id);
  await expect(auditor.locator("tr.audit-entry")).toHaveCount(1);
  await auditor.locator("tr.audit-entry summary").click();
  await expect(auditor.getByText("Leaf hash")).toBeVisible();
  const downloads = auditor.waitForEvent("download");
  await auditor.getByRole("link", { name: "Download as CSV" }).click();
  expect((await downloads).url()).toContain(`action=ALERT_INGESTED&incident_id=${receipt.incident_id}&format=csv`);

  await auditor.getByLabel("Actor").fill("nobody-of-this-name");
  await auditor.getByRole("button", { name: "Filter", exact: true }).click();
  await expect(auditor.getByText("No entry passes these filters")).toBeVisible();
  await auditor.getByRole("link", { name: "Show all" }).click();
  await expect(auditor).toHaveURL("/audit");
  await expect(auditor.locator("tr.audit-entry").first()).toBeVisible();
});

test("what a person did is found by their name, and in a span of time", async ({ server, join }) => {
  const auditor = await join("auditor");
  await auditor.goto("/audit?actor=auditor&action=USER_SIGNED_IN");
  await hydrated(auditor);
  await expect(auditor.locator("tr.audit-entry").first()).toContainText("auditor");
  await server.postAlert(malware("in time"));
  await auditor.goto("/audit?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
  await hydrated(auditor);
  await expect(auditor.getByText("No entry passes these filters")).toBeVisible();
  await expect(auditor.getByLabel("From, UTC")).toHaveValue(/^2020-01-01T00:00/);
});

test("the tail is live, stands still while paused, and goes on", async ({ server, join }) => {
  const auditor = await join("auditor");
  await auditor.goto("/audit?action=INCIDENT_CREATED");
  await hydrated(auditor);
  const first = await server.postAlert(malware("live one"));
  await expect(auditor.locator("tr.audit-entry").filter({ hasText: first.incident_id })).toBeVisible();
  await auditor.getByRole("button", { name: "Pause live tail" }).click();
  const second = await server.postAlert(malware("live two"));
  await expect(auditor.getByText("Paused. Newer entries wait")).toBeVisible();
  await expect(auditor.locator("tr.audit-entry").filter({ hasText: second.incident_id })).toHaveCount(0);
  await auditor.getByRole("button", { name: "Resume live tail" }).click();
  await expect(auditor.locator("tr.audit-entry").filter({ hasText: second.incident_id })).toBeVisible();
});
