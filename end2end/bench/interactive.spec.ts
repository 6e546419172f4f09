// Figures of the browser side: when a page answers, with nothing in the browser's cache, and how long a list of 200 rows keeps it busy when it
// changes. Nothing here passes or fails by a figure: they depend on the machine.
import type { Browser, Page } from "@playwright/test";
import { expect, hydrated, signedIn, test } from "../support/story.ts";

const ROUNDS = 7;
const ROWS = 200;

test("the browser side", async ({ browser, server }) => {
  test.setTimeout(600_000);
  const failures: string[] = [];
  const analyst = await signedIn(browser, server, "analyst", failures);
  let incident = "";
  for (let number = 0; number < ROWS; number++) {
    incident = (await server.postAlert({ incident_type: "brute_force", title: `row ${number}`, src_ip: `10.20.30.${number}`, source: `row-${number}` })).incident_id;
  }

  const cookies = await analyst.context().cookies();
  await report("sign-in", browser, server.url, "/sign-in", []);
  await report("incidents, 50 rows", browser, server.url, "/incidents", cookies);
  await report("incidents, 200 rows", browser, server.url, `/incidents?limit=${ROWS}`, cookies);
  await report("incident", browser, server.url, `/incidents/${incident}`, cookies);

  await analyst.goto(`/incidents?limit=${ROWS}`);
  await hydrated(analyst);
  const busy: number[] = [];
  for (let round = 0; round < ROUNDS; round++) busy.push(await busiest(analyst, () => arrive(analyst, server, round)));
  print("200 rows, longest task when a row arrives", busy, "goal: below 200, where people begin to notice");
  expect(failures).toEqual([]);
});

// From the beginning of the navigation until the page answers to a click.
async function report(name: string, browser: Browser, url: string, path: string, cookies: Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ baseURL: url });
    await context.addCookies(cookies);
    await context.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.body?.hasAttribute("data-hydrated")) return;
        observer.disconnect();
        (window as { __hydratedAt?: number }).__hydratedAt = performance.now();
      }).observe(document, { attributes: true, childList: true, subtree: true });
    });
    const page = await context.newPage();
    await page.goto(path);
    await hydrated(page);
    times.push(await page.evaluate(() => (window as { __hydratedAt?: number }).__hydratedAt!));
    await context.close();
  }
  print(`interactive: ${name}`, times, "goal: at most 1,000");
}

// The longest time for which the page answered nothing meanwhile, in milliseconds; 50 and less is not counted by the browser.
async function busiest(page: Page, during: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const kept = window as { __tasks?: number[]; __observer?: PerformanceObserver };
    kept.__tasks = [];
    kept.__observer = new PerformanceObserver((list) => kept.__tasks!.push(...list.getEntries().map((entry) => entry.duration)));
    kept.__observer.observe({ type: "longtask" });
  });
  await during();
  return await page.evaluate(() => {
    const kept = window as { __tasks?: number[]; __observer?: PerformanceObserver };
    const late = kept.__observer!.takeRecords().map((entry) => entry.duration);
    kept.__observer!.disconnect();
    return Math.max(0, ...kept.__tasks!, ...late);
  });
}

async function arrive(page: Page, server: { postAlert(alert: unknown): Promise<{ incident_id: string }> }, round: number): Promise<void> {
  const { incident_id } = await server.postAlert({ incident_type: "brute_force", title: `arrived ${round}`, src_ip: `10.20.31.${round}`, source: `arrived-${round}` });
  await page.locator("tr, .row").filter({ hasText: incident_id }).first().waitFor();
}

function print(name: string, values: number[], goal: string): void {
  const sorted = [...values].sort((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  console.log(`${name.padEnd(48)} median ${median.toFixed(0).padStart(5)} ms, most ${sorted.at(-1)!.toFixed(0).padStart(5)} ms   ${goal}`);
}
