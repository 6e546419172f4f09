// The browser verifies what the audit page shows, and catches an answer that was changed on the way.
import { expect, hydrated, test } from "../support/story.ts";
import type { Page, Route } from "@playwright/test";

const alert = { incident_type: "brute_force", severity: "low", src_ip: "203.0.113.77", source: "verifying" };
const verdict = (page: Page) => page.getByRole("region", { name: "Verification" });

/** Changes the answer of one server function on its way to the browser. */
async function intercept(page: Page, endpoint: string, change: (text: string) => string): Promise<void> {
  await page.route(`**/rpc/${endpoint}`, async (route: Route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: change(await answer.text()) });
  });
}

test("the visible entries are verified against the signed head, and the next visit continues it", async ({ server, join }) => {
  await server.postAlert(alert);
  const auditor = await join("auditor");
  await auditor.goto("/audit");
  await expect(verdict(auditor)).toContainText("Not verified yet");
  await verdict(auditor).getByRole("button", { name: "Verify this page" }).click();
  await expect(verdict(auditor)).toContainText(/\d+ entries are exactly what was signed/);
  await expect(verdict(auditor)).toContainText("It is the first head that this browser keeps");
  const marks = auditor.getByText("verified, ");
  expect(await marks.count()).toBe(await auditor.locator(".audit-entry").count());

  await server.postAlert({ ...alert, src_ip: "203.0.113.78" });
  await auditor.reload();
  await hydrated(auditor);
  await verdict(auditor).getByRole("button", { name: "Verify this page" }).click();
  await expect(verdict(auditor)).toContainText(/It continues the head over \d+ entries that this browser kept/);

  await auditor.getByText("Verifier keys, signed head and export").click();
  await expect(auditor.locator(".log-key").first()).toHaveText(/^countersign\/[0-9a-f-]{36}\+[0-9a-f]{8}\+/);
  const saved = auditor.waitForEvent("download");
  await auditor.getByRole("link", { name: "Export the whole log" }).click();
  expect((await saved).suggestedFilename()).toBe("audit-log.ndjson");
});

test("an entry that was changed on the way is caught and named", async ({ server, join }) => {
  const receipt = await server.postAlert({ ...alert, src_ip: "203.0.113.79" });
  const auditor = await join("auditor");
  await intercept(auditor, "audit/list", (text) => text.replace('"outcome":"ok"', '"outcome":"denied"'));
  // The list is loaded again by the browser when the page is opened from another one.
  await auditor.getByRole("link", { name: "Audit" }).first().click();
  await expect(auditor.locator(".audit-entry").first()).toContainText("denied");
  await expect(auditor.locator(".audit-entry").filter({ hasText: receipt.incident_id }).first()).toBeVisible();
  await verdict(auditor).getByRole("button", { name: /Verify/ }).click();
  await expect(verdict(auditor)).toContainText("1 entry is not what was signed");
  await expect(verdict(auditor)).toContainText(/Entry \d+: the column outcome of entry \d+ is not what its leaf says/);
  await expect(auditor.getByText("not what was signed, ")).toHaveCount(1);
});

test("a server that gives proofs of another history is not trusted", async ({ server, join }) => {
  await server.postAlert({ ...alert, src_ip: "203.0.113.80" });
  const auditor = await join("auditor");
  await auditor.goto("/audit");
  await hydrated(auditor);
  await verdict(auditor).getByRole("button", { name: "Verify this page" }).click();
  await expect(verdict(auditor)).toContainText("exactly what was signed");
  await intercept(auditor, "audit/prove", (text) => {
    const proof = JSON.parse(text);
    // Some digit of a hash in the proof that the log only grew, or, where it did not grow, of each entry's way to the root.
    const flip = (hash: string) => (hash.startsWith("0") ? "1" : "0") + hash.slice(1);
    for (const entry of proof.entries) entry.hashes[0] = flip(entry.hashes[0]);
    if (proof.growth?.hashes.length) proof.growth.hashes[0] = flip(proof.growth.hashes[0]);
    return JSON.stringify(proof);
  });
  await server.postAlert({ ...alert, src_ip: "203.0.113.81" });
  await verdict(auditor).getByRole("button", { name: "Verify again" }).click();
  await expect(verdict(auditor)).toContainText("This log cannot be trusted");
  await expect(verdict(auditor)).toContainText(/does not continue the head over \d+ entries/);
});

test("a key that the browser does not know is trusted only when a person says so", async ({ server, join }) => {
  await server.postAlert({ ...alert, src_ip: "203.0.113.83" });
  const auditor = await join("auditor");
  await auditor.goto("/audit");
  await hydrated(auditor);
  await verdict(auditor).getByRole("button", { name: "Verify this page" }).click();
  await expect(verdict(auditor)).toContainText("exactly what was signed");
  const kept = () => auditor.evaluate(() => JSON.parse(localStorage.getItem("countersign-log-head")!));
  const known: string[] = (await kept()).keys;
  // As for a browser that kept its head when another key signed.
  const forgetKeys = () => {
    const head = JSON.parse(localStorage.getItem("countersign-log-head")!);
    localStorage.setItem("countersign-log-head", JSON.stringify({ ...head, keys: [] }));
  };
  await auditor.evaluate(forgetKeys);
  await verdict(auditor).getByRole("button", { name: "Verify again" }).click();
  await expect(verdict(auditor)).toContainText("with a key that this browser does not know");
  await expect(auditor.getByText("verified, ")).toHaveCount(0);
  expect((await kept()).keys).toEqual([]);

  await verdict(auditor).getByRole("button", { name: "trust this key" }).click();
  await expect(verdict(auditor)).toContainText("exactly what was signed");
  expect((await kept()).keys).toEqual(known);
  await verdict(auditor).getByRole("button", { name: "Verify again" }).click();
  await expect(verdict(auditor)).toContainText("exactly what was signed");
});

test("an analyst verifies what an analyst may see", async ({ server, join }) => {
  await server.postAlert({ ...alert, src_ip: "203.0.113.82" });
  const analyst = await join("analyst");
  await analyst.goto("/audit");
  await hydrated(analyst);
  await verdict(analyst).getByRole("button", { name: "Verify this page" }).click();
  await expect(verdict(analyst)).toContainText("exactly what was signed");
  await analyst.getByText("Verifier keys, signed head and export").click();
  await expect(analyst.locator(".log-key").first()).toBeVisible();
  await expect(analyst.getByRole("link", { name: "Export the whole log" })).toHaveCount(0);
});
