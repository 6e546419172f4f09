// What every story starts with: a server, and people in browsers of their own whose pages must not fail.
import { test as base, expect, type Browser, type Page } from "@playwright/test";
import { Server } from "./server.ts";

export { expect };

export const test = base.extend<{ join: (username: string) => Promise<Page> }, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  join: async ({ browser, server }, use) => {
    const [failures, pages]: [string[], Page[]] = [[], []];
    await use(async (username) => {
      const page = await signedIn(browser, server, username, failures);
      pages.push(page);
      return page;
    });
    // A page that stays open goes on following what later stories do.
    for (const page of pages) await page.context().close();
    expect(failures, "no page error, no console error").toEqual([]);
  },
});

export async function signedIn(browser: Browser, server: Server, username: string, failures: string[]): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy violated: ${event.violatedDirective}, ${event.blockedURI}`));
  });
  const page = await context.newPage();
  watch(page, failures);
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(server.password(username));
  await page.getByRole("button", { name: "Sign in" }).click();
  await hydrated(page);
  return page;
}

export function watch(page: Page, failures: string[]): void {
  page.on("pageerror", (error) => failures.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // A refused call is a story's business; the browser reports it as an error of its own.
    const refusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !refusal) failures.push(`${page.url()}: ${message.text()}`);
  });
}

export async function hydrated(page: Page): Promise<void> {
  await page.locator("body[data-hydrated]").waitFor();
}
