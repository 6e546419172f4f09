// An alert written by hand: errors stand beside their fields, nothing typed is lost, and it becomes an incident.
import { expect, test } from "../support/story.ts";

test("errors stand beside the fields, what was typed stays, and the alert becomes an incident", async ({ join }) => {
  const analyst = await join("analyst");
  await analyst.getByRole("link", { name: "New alert" }).first().click();
  await analyst.getByLabel("Title").fill("Badge used in two cities");
  await analyst.getByLabel("Impact").fill("9");
  await analyst.getByLabel("Source address").fill("not an address");
  await analyst.getByLabel("Tags").fill("physical, travel");
  await analyst.getByRole("button", { name: "Submit alert" }).click();

  await expect(analyst.getByLabel("Impact")).toHaveAttribute("aria-invalid", "true");
  await expect(analyst.getByLabel("Impact")).toBeFocused();
  await expect(analyst.getByLabel("Impact")).toHaveAccessibleDescription("must be an integer from 1 to 5");
  await expect(analyst.getByLabel("Source address")).toHaveAttribute("aria-invalid", "true");
  await expect(analyst.getByLabel("Title")).toHaveValue("Badge used in two cities");

  await analyst.getByLabel("Impact").fill("4");
  await analyst.getByLabel("Source address").fill("198.51.100.23");
  await analyst.getByLabel("Severity").selectOption("high");
  await analyst.getByRole("button", { name: "Submit alert" }).click();
  await expect(analyst).toHaveURL(/\/incidents\/INC-\d{10}$/);
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("Badge used in two cities");
  await expect(analyst.getByRole("region", { name: "Notices" })).toContainText(/opened INC-\d{10}/);
});

test("the end of the session loses nothing that was typed", async ({ join, server }) => {
  const analyst = await join("analyst");
  await analyst.goto("/alerts/new");
  await analyst.getByLabel("Title").fill("Typed before the session ended");
  await analyst.context().clearCookies();
  const dialog = analyst.getByRole("dialog", { name: "Your session ended" });
  // The page may have noticed by itself already; then there is nothing left to click behind the dialog.
  await expect(async () => {
    if (await dialog.isHidden()) await analyst.getByRole("button", { name: "Submit alert" }).click({ timeout: 1_000 });
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();

  await dialog.getByLabel("Password").fill(server.password("analyst"));
  await dialog.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(dialog).toBeHidden();
  await expect(analyst.getByLabel("Title")).toHaveValue("Typed before the session ended");
  await analyst.getByRole("button", { name: "Submit alert" }).click();
  await expect(analyst).toHaveURL(/\/incidents\/INC-\d{10}$/);
});

test("who may not submit is told so", async ({ join }) => {
  const auditor = await join("auditor");
  await auditor.goto("/alerts/new");
  await expect(auditor.getByText(/Only analysts submit alerts by hand/)).toBeVisible();
  await expect(auditor.getByRole("button", { name: "Submit alert" })).toBeDisabled();
});
