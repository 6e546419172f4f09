// Filters: typed, chosen, taken away, kept; always in the address, so that Back goes back.
import { expect, test } from "../support/story.ts";

test("a typed query, the chips, the address and Back say the same", async ({ server, join }) => {
  const analyst = await join("analyst");
  await server.postAlert({ title: "Ransom note on a share", incident_type: "ransomware", severity: "critical", src_ip: "198.51.100.61" });
  await server.postAlert({ title: "Odd login hour", incident_type: "suspicious_login", severity: "low", src_ip: "198.51.100.62" });
  const row = (title: string) => analyst.getByRole("row").filter({ hasText: title });
  await expect(row("Ransom note")).toBeVisible();
  await expect(row("Odd login")).toBeVisible();

  await analyst.keyboard.press("/");
  const line = analyst.getByRole("searchbox", { name: "Filter incidents" });
  await expect(line).toBeFocused();
  await line.fill("sev:S1 ip:198.51.100.61");
  await line.press("Enter");
  await expect(analyst).toHaveURL(/\/incidents\?severity=S1&observable=ip%3A198\.51\.100\.61$/);
  const chips = analyst.getByRole("group", { name: "Filters" });
  await expect(chips).toContainText("severity S1");
  await expect(row("Odd login")).toHaveCount(0);
  await expect(row("Ransom note")).toBeVisible();

  await analyst.getByRole("link", { name: "Remove filter severity S1" }).click();
  await expect(analyst).toHaveURL(/\/incidents\?observable=ip%3A198\.51\.100\.61$/);
  await expect(line).toHaveValue("ip:198.51.100.61");
  await analyst.goBack();
  await expect(line).toHaveValue("sev:S1 ip:198.51.100.61");
  await expect(chips).toContainText("severity S1");

  await analyst.keyboard.press("f");
  await analyst.getByRole("checkbox", { name: "benign" }).check();
  await expect(analyst).toHaveURL(/verdict=benign/);
  await analyst.keyboard.press("Escape");
  await expect(analyst.getByText("No incident passes these filters")).toBeVisible();
  await analyst.getByRole("link", { name: "Clear all filters" }).click();
  await expect(analyst).toHaveURL(/\/incidents$/);
  await expect(row("Odd login")).toBeVisible();
});

test("a word that is no filter is told, and nothing is hidden by it", async ({ join }) => {
  const analyst = await join("analyst");
  const line = analyst.getByRole("searchbox", { name: "Filter incidents" });
  await line.fill("sev:S9 assignee:me");
  await line.press("Enter");
  await expect(analyst.getByText("sev:S9 must be critical")).toBeVisible();
  await expect(line).toHaveValue("sev:S9 assignee:me");
  await expect(analyst).toHaveURL(/\/incidents$/);
});

test("a view is kept, changed, opened again and removed", async ({ join }) => {
  const analyst = await join("analyst");
  const views = analyst.getByRole("navigation", { name: "Views" });
  await analyst.goto("/incidents?severity=S1&sort=risk_score");
  await analyst.getByRole("button", { name: "Save view" }).click();
  await analyst.getByRole("textbox", { name: "Name" }).fill("Burning");
  await analyst.getByRole("button", { name: "Save", exact: true }).click();
  await expect(views.getByRole("link", { name: "Burning" })).toHaveAttribute("aria-current", "page");

  await analyst.getByRole("link", { name: "Remove filter severity S1" }).click();
  await expect(views.getByRole("link", { name: "Burning*" })).toBeVisible();
  const line = analyst.getByRole("searchbox", { name: "Filter incidents" });
  await line.fill("sev:S1 sev:S2");
  await line.press("Enter");
  await views.getByRole("button", { name: "Save changes" }).click();
  await expect(views.getByRole("link", { name: "Burning", exact: true })).toBeVisible();

  await views.getByRole("link", { name: "All" }).click();
  await expect(analyst).toHaveURL(/\/incidents$/);
  await views.getByRole("link", { name: "Burning" }).click();
  await expect(analyst).toHaveURL(/\/incidents\?severity=S1&severity=S2&sort=risk_score$/);
  await views.getByRole("button", { name: "Remove" }).click();
  await expect(views.getByRole("link", { name: "Burning" })).toHaveCount(0);
});
