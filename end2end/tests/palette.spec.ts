// The command palette, by keyboard alone.
import { expect, test } from "../support/story.ts";

test("Ctrl+K goes, finds an id and an address, and runs a command", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert({ title: "Found by its number", incident_type: "malware", impact: 2, likelihood: 3 });
  await analyst.keyboard.press("Control+k");
  const text = analyst.getByRole("combobox", { name: "Command, id or observable" });
  await expect(text).toBeFocused();

  await text.fill("audit");
  await expect(analyst.getByRole("listbox").getByRole("option").first()).toHaveText(/Go to Audit/);
  await text.press("Enter");
  await expect(analyst).toHaveURL(/\/audit$/);

  await analyst.keyboard.press("Control+k");
  await text.fill(String(Number(receipt.incident_id.slice(4))));
  await text.press("Enter");
  await expect(analyst).toHaveURL(new RegExp(`/incidents/${receipt.incident_id}$`));
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("Found by its number");

  await analyst.keyboard.press("Control+k");
  await text.fill("theme dark");
  await text.press("Enter");
  await expect(analyst.locator("html")).toHaveAttribute("data-theme", "dark");

  await analyst.keyboard.press("Control+k");
  await text.fill("91.23.11[.]9");
  await expect(analyst.getByRole("listbox").getByRole("option").first()).toHaveText(/Incidents with address 91.23.11.9/);
  await text.press("ArrowDown");
  await expect(analyst.getByRole("listbox").getByRole("option", { selected: true })).toHaveText(/Search incidents/);
  await text.press("ArrowUp");
  await text.press("Enter");
  await expect(analyst).toHaveURL(/\/incidents\?observable=ip%3A91.23.11.9$/);
});

test("Escape closes it, and what a role may not do is not offered", async ({ join }) => {
  const auditor = await join("auditor");
  await auditor.keyboard.press("Control+k");
  await expect(auditor.getByRole("option", { name: "Keys" })).toBeVisible();
  await expect(auditor.getByRole("option", { name: "New alert" })).toHaveCount(0);
  await auditor.keyboard.press("Escape");
  await expect(auditor.getByRole("combobox", { name: "Command, id or observable" })).toBeHidden();
});
