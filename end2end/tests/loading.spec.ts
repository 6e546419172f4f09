// What the browser loads: the first page is small, and the code of other pages comes when they are opened.
import type { Browser, Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";
import type { Server } from "../support/server.ts";

// As it is sent, with brotli.
const FIRST_PAGE_BYTES_MAX = 500 * 1024;
const SETTINGS_PART = /\/pkg\/countersign-administration-[0-9a-f]+\.wasm$/;

test("the pages that are opened first load little", async ({ browser, join, server }) => {
  const person = await join("analyst");
  for (const [address, from] of [["/sign-in", undefined], ["/incidents", person]] as const) {
    const page = await withEmptyCache(browser, server, from);
    const loaded = modules(page);
    await page.goto(address);
    await hydrated(page);
    const { names, bytes } = await loaded();
    expect(names).toEqual(["/pkg/countersign.wasm"]);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(FIRST_PAGE_BYTES_MAX);
    await page.context().close();
  }
});

test("the code of a page comes when it is opened, once, and first when it is the first page", async ({ browser, join, server }) => {
  const person = await join("analyst");
  const page = await withEmptyCache(browser, server, person);
  const loaded = modules(page);
  const ofSettings = async () => (await loaded()).names.filter((name) => SETTINGS_PART.test(name));
  await page.goto("/incidents");
  await hydrated(page);
  expect(await ofSettings()).toEqual([]);
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await page.getByRole("link", { name: "Incidents" }).first().click();
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  expect(await ofSettings()).toHaveLength(1);

  const other = await withEmptyCache(browser, server, person);
  const loadedThere = modules(other);
  await other.goto("/settings?section=appearance");
  await hydrated(other);
  expect((await loadedThere()).names.filter((name) => SETTINGS_PART.test(name))).toHaveLength(1);
  await page.context().close();
  await other.context().close();
});

test("a page that is older than the server is loaded anew where its code is missing", async ({ browser, join, server }) => {
  const person = await join("analyst");
  const page = await withEmptyCache(browser, server, person);
  await page.goto("/incidents");
  await hydrated(page);
  await page.route(SETTINGS_PART, (route) => route.fulfill({ status: 404 }));
  const documents: string[] = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname);
  });
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  // Still without its code, the page of the server stays readable, and is not loaded again and again.
  await page.waitForTimeout(1_000);
  expect(documents).toEqual(["/settings"]);
  await page.unroute(SETTINGS_PART);
  await page.reload();
  await hydrated(page);
  await page.context().close();
});

// A page in a browser that has nothing yet, of somebody who is signed in elsewhere.
async function withEmptyCache(browser: Browser, server: Server, from?: Page): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, storageState: await from?.context().storageState() });
  return await context.newPage();
}

// The modules that the page has asked for until now, and how many bytes they were.
function modules(page: Page): () => Promise<{ names: string[]; bytes: number }> {
  const names: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    const name = new URL(request.url()).pathname;
    if (!name.endsWith(".wasm")) return;
    names.push(name);
    sizes.push(request.sizes().then((sizes) => sizes.responseBodySize));
  });
  return async () => ({ names: [...names], bytes: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) });
}
