// The description of the API in the browser, under its own policy and without a network.
import { expect, test, watch } from "../support/story.ts";

test("the API's description opens without a violation, and an operation can be read", async ({ browser, server }) => {
  const failures: string[] = [];
  const page = await (await browser.newContext({ baseURL: server.url })).newPage();
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy violated: ${event.violatedDirective}, ${event.blockedURI}`));
  });
  watch(page, failures);
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  await page.goto("/docs");
  await expect(page).toHaveTitle("Countersign API");
  const operation = page.locator(".opblock").filter({ hasText: "/api/v1/incidents/{id}/merge" });
  await operation.locator("button.opblock-summary-control").click();
  await expect(operation.locator(".opblock-body")).toContainText("into");
  await expect(operation.locator(".opblock-body")).toContainText("Responses");
  expect(elsewhere, "nothing comes from another place").toEqual([]);
  expect(failures, "no page error, no console error").toEqual([]);
});
