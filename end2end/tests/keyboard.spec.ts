// The queue without a mouse.
import { expect, test } from "../support/story.ts";

test("j and k move, Enter opens, ? shows the keys", async ({ server, join }) => {
  const analyst = await join("analyst");
  for (const name of ["first", "second"]) {
    await server.postAlert({ title: `${name} of two`, incident_type: "malware", impact: 2, likelihood: 3 });
  }
  await expect(analyst.getByRole("row").filter({ hasText: "second of two" })).toBeVisible();
  await expect(analyst.getByRole("row").filter({ hasText: "first of two" })).toBeVisible();
  await analyst.keyboard.press("?");
  await expect(analyst.getByRole("dialog")).toBeVisible();
  await analyst.keyboard.press("Escape");
  await analyst.keyboard.press("j");
  await analyst.keyboard.press("j");
  await analyst.keyboard.press("k");
  await analyst.keyboard.press("Enter");
  await expect(analyst).toHaveURL(/\/incidents\/INC-\d{10}$/);
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText(/second of two/);
});
