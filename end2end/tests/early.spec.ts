// A slow line: the page is painted, but its program is still on the way. What a person does by then is not lost.
import { expect, test } from "../support/story.ts";
import type { Page } from "@playwright/test";

/** Holds the page's program back from the next load on; what it gives lets it through. */
async function slow(page: Page): Promise<() => void> {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await arrived;
    await route.continue();
  });
  return arrive;
}

test("a button pressed early does its work when the page is alive", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert({ incident_type: "phishing", impact: 3, likelihood: 3, confidence: 3, src_ip: "203.0.113.41" });
  const arrive = await slow(analyst);
  await analyst.goto(`/incidents/${receipt.incident_id}`, { waitUntil: "commit" });
  const run = analyst.getByRole("button", { name: "Run PB-PHISHING" });
  await run.click();
  await expect(run).toHaveAttribute("aria-busy", "true");
  await expect(analyst.locator("body[data-hydrated]")).toHaveCount(0);
  arrive();
  await expect(analyst.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/contained/i);
});

test("a form filled in and sent early is sent whole", async ({ join }) => {
  const analyst = await join("analyst");
  const arrive = await slow(analyst);
  await analyst.goto("/alerts/new", { waitUntil: "commit" });
  await analyst.getByLabel("Title").fill("Typed on a slow line");
  await analyst.getByLabel("Severity").selectOption("high");
  await analyst.getByLabel("Title").press("Enter");
  await expect(analyst.getByRole("button", { name: "Submit alert" })).toHaveAttribute("aria-busy", "true");
  await expect(analyst).toHaveURL(/\/alerts\/new$/);
  arrive();
  await expect(analyst).toHaveURL(/\/incidents\/INC-\d{10}$/);
  await expect(analyst.getByRole("heading", { level: 1 })).toHaveText("Typed on a slow line");
});

test("a person's account needs no script to sign in", async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill("analyst");
  await page.getByLabel("Password").fill(server.password("analyst"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Incidents");
});
