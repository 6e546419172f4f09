// The main job with two people side by side: nobody reloads a page.
import { expect, test } from "../support/story.ts";
import type { Locator, Page } from "@playwright/test";

/** Others may wait too. */
const approvalOf = (page: Page, incident: string): Locator => page.getByRole("link", { name: new RegExp(`Brute-force containment for ${incident}`) });

const bruteForce = {
  incident_type: "brute_force",
  impact: 4,
  likelihood: 4,
  confidence: 3,
  context: { ip: "91.23.11.9", target_account: "admin", privileged_account: true, window_minutes: 5, failed_attempts: 20 },
};

test("an alert appears, runs, is approved by another person, and ends contained", async ({ server, join }) => {
  const analyst = await join("analyst");
  const approver = await join("approver");
  await approver.goto("/approvals");

  const receipt = await server.postAlert(bruteForce);
  const row = analyst.getByRole("row").filter({ hasText: receipt.incident_id });
  await expect(row).toContainText("Brute force on admin from 91.23.11.9");
  await expect(row).toContainText("66");
  await row.getByRole("link").first().click();

  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("Brute force on admin from 91.23.11.9");
  await expect(analyst.getByText("Risk score")).toBeVisible();
  await analyst.getByRole("button", { name: "Run PB-BRUTE-FORCE" }).click();
  const stepper = analyst.getByRole("list", { name: /state/i });
  await expect(stepper.locator("[aria-current]")).toContainText(/approval/i);

  await approvalOf(approver, receipt.incident_id).click();
  await expect(approver.getByRole("heading", { name: "Exactly this will run" })).toBeVisible();
  await approver.getByLabel("Reason").fill("Confirmed with the account's owner");
  await approver.getByRole("button", { name: "Approve" }).click();
  await expect(approver.getByText(/approved/i).first()).toBeVisible();

  await expect(stepper.locator("[aria-current]")).toContainText(/contained/i);
  await analyst.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: /^Runs/ }).click();
  await expect(analyst.getByText(/succeeded/i).first()).toBeVisible();
});

test("who asked for the run cannot sign it, and is told so", async ({ server, join }) => {
  const both = await join("both");
  const receipt = await server.postAlert({ ...bruteForce, context: { ...bruteForce.context, ip: "91.23.11.10", target_account: "root" } });
  await both.goto(`/incidents/${receipt.incident_id}`);
  await both.getByRole("button", { name: "Run PB-BRUTE-FORCE" }).click();
  await expect(both.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/approval/i);
  await both.goto("/approvals?section=others");
  await approvalOf(both, receipt.incident_id).click();
  await expect(both.getByText(/you contributed to this/i)).toBeVisible();
  await expect(both.getByRole("button", { name: "Approve" })).toHaveCount(0);
});
