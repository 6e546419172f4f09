// Every screen at two widths and in both themes: readable by everyone, without script errors, within the policy; with hostile text.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";

const hostile = `"><img src=x onerror=window.hacked=1><script>window.hacked=1</script>`;
const pictures = process.env.SCREENSHOTS;

test("every screen is accessible and inert to hostile text, wide and narrow, light and dark", async ({ server, join }) => {
  test.setTimeout(600_000);
  const analyst = await join("analyst");
  await show(analyst, "/incidents", "incidents-empty");
  const receipt = await server.postAlert({
    title: hostile,
    incident_type: "brute_force",
    impact: 5,
    likelihood: 4,
    username: "svc-backup",
    src_ip: "203.0.113.7",
    raw_log: hostile,
    context: { privileged_account: true, note: hostile },
  });
  await server.postAlert({ incident_type: "phishing", impact: 3, likelihood: 3, confidence: 3, title: "Look-alike payroll page" });
  await analyst.goto(`/incidents/${receipt.incident_id}`);
  await hydrated(analyst);
  await analyst.getByRole("button", { name: "Run PB-BRUTE-FORCE" }).click();
  await expect(analyst.getByRole("list", { name: /state/i }).locator("[aria-current]")).toContainText(/approval/i);

  const short = "<img src=x onerror=window.hacked=1>";
  const kept = await analyst.request.post("/api/v1/views", { data: { name: short, query: "sev:S1" } });
  expect(kept.status()).toBe(201);
  const tagged = await analyst.request.patch(`/api/v1/incidents/${receipt.incident_id}`, { data: { tags: [short], analyst_notes: hostile } });
  expect(tagged.status()).toBe(200);
  await analyst.request.post(`/api/v1/incidents/${receipt.incident_id}/notes`, { data: { text: hostile } });
  await analyst.request.post(`/api/v1/incidents/${receipt.incident_id}/tasks`, { data: { title: hostile } });

  const approver = await join("approver");
  await approver.goto("/approvals");
  const approval = await approver.getByRole("link", { name: /Brute-force containment/ }).first().getAttribute("href");
  const incident = `/incidents/${receipt.incident_id}`;
  const run = (await analyst.request.get("/api/v1/runs").then((answer) => answer.json())).items[0].id;
  // One address for each route of the app, and each section of the incident.
  const screens: [string, string][] = [
    ["/incidents", "incidents"],
    ["/incidents?severity=S1&severity=S2&observable=ip:203.0.113.7", "incidents-filtered"],
    ["/incidents?q=nothing-like-this", "incidents-hidden"],
    [incident, "incident"],
    ...["timeline", "entities", "evidence", "runs", "tasks", "notes", "similar", "audit"].map(
      (section): [string, string] => [`${incident}?section=${section}`, `incident-${section}`],
    ),
    ["/alerts", "alerts"],
    ["/alerts/new", "new-alert"],
    [`/alerts/${receipt.id}`, "alert"],
    ["/playbooks", "playbooks"],
    ["/playbooks/PB-BRUTE-FORCE", "playbook"],
    ["/playbooks/PB-BRUTE-FORCE?section=versions", "playbook-versions"],
    [`/playbooks/PB-BRUTE-FORCE?section=try&incident=${receipt.incident_id}`, "playbook-try"],
    ["/runs", "runs"],
    [`/runs/${run}`, "run"],
    ["/nowhere", "not-found"],
  ];
  for (const [path, name] of screens) await show(analyst, path, name);
  await show(approver, "/approvals", "approvals");
  await show(approver, approval!, "approval");
  await show(await join("auditor"), "/audit", "audit");
  const admin = await join("admin");
  await show(admin, "/playbooks/upload?from=PB-BRUTE-FORCE", "playbook-upload");
  await show(admin, "/incidents", "incidents-as-admin");
});

test("the sign-in page is accessible and says what went wrong", async ({ browser, server }) => {
  const page = await (await browser.newContext({ baseURL: server.url })).newPage();
  await show(page, "/sign-in", "sign-in");
  await page.getByLabel("User name").fill("analyst");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("User name or password is wrong.");
});

async function show(page: Page, path: string, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      await hydrated(page);
      expect(await page.evaluate(() => (window as { hacked?: number }).hacked), `${name} ran hostile text`).toBeUndefined();
      expect.soft(await tooWide(page), `${name} is wider than ${width} px`).toEqual([]);
      if (width === 390) {
        await page.setViewportSize({ width: 320, height: 640 });
        expect.soft(await tooWide(page), `${name} is wider than 320 px`).toEqual([]);
        await page.setViewportSize({ width, height: 900 });
      }
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter((violation) => violation.impact === "serious" || violation.impact === "critical");
      expect.soft(serious.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`), `${name} at ${width} px, ${colorScheme}`).toEqual([]);
    }
  }
}

// What makes the page wider than the window: nothing may.
async function tooWide(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= window.innerWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > window.innerWidth);
    return wide.map((element) => `${element.tagName} .${element.getAttribute("class")} ${Math.round(element.getBoundingClientRect().right)}`).slice(0, 8);
  });
}
