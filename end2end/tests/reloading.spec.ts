// Pages that are made on the server many times over: none fails, and the browser takes each of them over.
import { expect, hydrated, test } from "../support/story.ts";

const LOADS = 30;

test("a page with a part of its own is made anew thirty times without an error", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert({ incident_type: "brute_force", severity: "low", src_ip: "203.0.113.8", source: "reloading" });
  const offered = analyst.getByRole("heading", { name: "Newest incidents of its types" });
  for (let load = 0; load < LOADS; load += 1) {
    const chosen = load % 2 === 0 ? `&incident=${receipt.incident_id}` : "";
    const answer = await analyst.goto(`/playbooks/PB-BRUTE-FORCE?section=try${chosen}`);
    expect(answer?.status(), `load ${load}`).toBe(200);
    await hydrated(analyst);
    await expect(analyst).toHaveTitle(/^PB-BRUTE-FORCE /);
    await expect(offered).toBeVisible();
  }
});
