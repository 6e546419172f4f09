// A duplicate goes into another incident: chosen from the similar ones or by its id, told before, refused in the server's words.
import { expect, hydrated, test } from "../support/story.ts";

const named = (incident_type: string) => ({ incident_type, impact: 3, likelihood: 3, confidence: 3, src_ip: "203.0.113.77", source: `merge-${incident_type}` });

test("a duplicate is merged into a similar incident, and says so afterwards", async ({ server, join }) => {
  const kept = await server.postAlert(named("malware"));
  const duplicate = await server.postAlert(named("beaconing"));
  expect(duplicate.incident_id).not.toBe(kept.incident_id);
  const analyst = await join("analyst");
  await analyst.goto(`/incidents/${duplicate.incident_id}`);
  await hydrated(analyst);
  await analyst.getByRole("button", { name: "Merge", exact: true }).click();
  const dialog = analyst.getByRole("dialog", { name: `Merge ${duplicate.incident_id} into another incident` });
  const merge = dialog.getByRole("button", { name: "Merge" });
  await expect(merge).toBeDisabled();
  await dialog.getByLabel("Id of the other incident").fill(duplicate.incident_id);
  await expect(dialog).toContainText("That is this incident itself.");
  await dialog.getByLabel("Id of the other incident").fill("INC-9999999999");
  await expect(dialog.getByRole("alert")).toContainText("INC-9999999999 does not exist");
  await dialog.getByRole("radio", { name: new RegExp(kept.incident_id) }).check();
  await expect(dialog).toContainText(`1 alert of ${duplicate.incident_id} goes to ${kept.incident_id}`);
  await expect(dialog).toContainText("it cannot be opened again");
  await merge.click();

  await expect(analyst.locator(".incident-head")).toContainText(kept.incident_id);
  await expect(analyst.getByRole("region", { name: "Notices" })).toContainText(`${kept.incident_id} has 2 alerts now`);
  await analyst.goto(`/incidents/${duplicate.incident_id}`);
  await expect(analyst.getByText(/This is a duplicate of/)).toContainText(kept.incident_id);
  await expect(analyst.getByRole("button", { name: "Merge", exact: true })).toHaveCount(0);
});

test("what the server refuses is shown in its words, and the similar list leads to the dialog", async ({ server, join }) => {
  const closed = await server.postAlert({ ...named("other"), src_ip: "203.0.113.78", source: "merge-closed" });
  const duplicate = await server.postAlert({ ...named("data_exfil"), src_ip: "203.0.113.78", source: "merge-open" });
  const analyst = await join("analyst");
  const gone = await analyst.request.post(`/api/v1/incidents/${closed.incident_id}/transition`, { data: { to: "closed", reason: "a test machine" } });
  expect(gone.status()).toBe(200);
  await analyst.goto(`/incidents/${duplicate.incident_id}?section=similar`);
  await hydrated(analyst);
  await expect(analyst.getByRole("link", { name: /^Data|exfil|Incident/i }).first()).toBeVisible();
  await expect(analyst.getByRole("button", { name: `Merge into ${closed.incident_id}` })).toHaveCount(0);
  await analyst.getByRole("button", { name: "Merge", exact: true }).click();
  const dialog = analyst.getByRole("dialog");
  await dialog.getByLabel("Id of the other incident").fill(String(Number(closed.incident_id.slice(4))));
  await dialog.getByRole("button", { name: "Merge" }).click();
  await expect(dialog.getByRole("alert")).toContainText(`${closed.incident_id} is closed; reopen it first`);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
});
