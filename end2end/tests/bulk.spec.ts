// Many rows at once: selected by keys, moved together, and told what was refused.
import { expect, test } from "../support/story.ts";

test("rows are selected by keys, and what was refused is named", async ({ server, join }) => {
  const analyst = await join("analyst");
  for (const number of [1, 2, 3]) {
    await server.postAlert({ title: `Bulk ${number}`, incident_type: "other", severity: "low", source: `bulk-${number}` });
  }
  await analyst.goto("/incidents?q=bulk");
  const row = (title: string) => analyst.getByRole("row").filter({ hasText: title });
  await expect(row("Bulk 3")).toBeVisible();
  await analyst.locator("body[data-hydrated]").waitFor();

  await analyst.keyboard.press("j");
  await analyst.keyboard.press("x");
  await analyst.keyboard.press("Shift+J");
  await analyst.keyboard.press("Shift+J");
  const bar = analyst.getByRole("region", { name: "Selected rows" });
  await expect(bar).toContainText("3 selected");
  await bar.getByRole("button", { name: "Assign to me" }).click();
  await expect(analyst.getByRole("region", { name: "Notices" })).toContainText("3 done");
  await expect(row("Bulk 1").getByRole("cell", { name: "analyst", exact: true })).toBeVisible();

  await analyst.keyboard.press("Escape");
  await row("Bulk 1").getByRole("checkbox").check();
  await bar.getByRole("button", { name: "Move" }).click();
  await analyst.getByRole("radio", { name: "closed" }).check();
  await analyst.getByRole("textbox", { name: "Reason" }).fill("Known test machine");
  await analyst.getByRole("dialog").getByRole("button", { name: "Move" }).click();
  await expect(row("Bulk 1")).toContainText("closed");

  await analyst.getByRole("checkbox", { name: "Select all rows" }).check();
  await expect(bar).toContainText("3 selected");
  await bar.getByRole("button", { name: "Move" }).click();
  await analyst.getByRole("radio", { name: "in progress" }).check();
  await analyst.getByRole("dialog").getByRole("button", { name: "Move" }).click();
  const notices = analyst.getByRole("region", { name: "Notices" });
  await expect(notices).toContainText("2 done, 1 refused");
  await notices.getByText("Show").click();
  await expect(notices).toContainText(/INC-\d{10}: The incident cannot go there from here/);
  await expect(bar).toContainText("1 selected");
});

test("a list of 200 rows is drawn again without a stall", async ({ server, join }) => {
  const analyst = await join("analyst");
  for (let number = 0; number < 200; number += 1) {
    await server.postAlert({ title: `Row ${number}`, incident_type: "other", severity: "low", source: `rows-${number}` });
  }
  await analyst.goto("/incidents?q=row&limit=200");
  await analyst.locator("body[data-hydrated]").waitFor();
  await expect(analyst.locator("table.incident-table tbody tr")).toHaveCount(200);
  await analyst.evaluate(() => {
    const stalls: number[] = [];
    new PerformanceObserver((list) => stalls.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
    (window as { stalls?: number[] }).stalls = stalls;
  });
  await analyst.keyboard.press("j");
  await analyst.keyboard.press("Shift+J");
  await analyst.getByRole("checkbox", { name: "Select all rows" }).check();
  await expect(analyst.getByRole("region", { name: "Selected rows" })).toContainText("200 selected");
  await analyst.getByRole("combobox", { name: "Sort" }).selectOption("Oldest first");
  await expect(analyst.locator("table.incident-table tbody tr").first()).toContainText("Row 0");
  const longest = await analyst.evaluate(() => Math.max(0, ...(window as unknown as { stalls: number[] }).stalls));
  test.info().annotations.push({ type: "longest task, ms", description: String(Math.round(longest)) });
});
