// From an empty folder to a working installation, and the end of somebody's access: nobody reloads a page.
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import { Installation } from "../support/installation.ts";
import { hydrated, watch } from "../support/story.ts";

const adminPassword = "seven purple umbrellas";
const annPassword = "nine yellow bicycles";
const pictures = process.env.SCREENSHOTS;

const test = base.extend<{ installation: Installation; open: () => Promise<Page> }>({
  installation: async ({}, use) => {
    const installation = await Installation.start();
    await use(installation);
    await installation.stop();
  },
  open: async ({ browser, installation }, use) => {
    const failures: string[] = [];
    await use(async () => {
      const page = await (await browser.newContext({ baseURL: installation.url })).newPage();
      watch(page, failures);
      return page;
    });
    expect(failures, "no page error, no console error").toEqual([]);
  },
});

test("a first admin lets an analyst in, makes a key, and ends the analyst's session; what was typed stays", async ({ installation, open }) => {
  const admin = await open();
  await setUp(admin, installation);

  await admin.getByRole("button", { name: "Add a person" }).click();
  await admin.getByRole("textbox", { name: "User name" }).fill("Ann");
  await admin.getByRole("button", { name: "Add and make a link" }).click();
  await expect(admin.getByText("must be 1 to 64 of a-z, 0-9 and . _ -").first()).toBeVisible();
  await admin.getByRole("textbox", { name: "User name" }).fill("ann");
  await admin.getByRole("dialog").getByRole("checkbox", { name: /^analyst/ }).check();
  await admin.getByRole("button", { name: "Add and make a link" }).click();
  const passwordLink = await admin.getByText(/\/set-password\?token=/).innerText();
  await admin.getByRole("button", { name: "I have copied it" }).click();
  await expect(admin.getByText(passwordLink)).toHaveCount(0);
  await expect(admin.getByRole("row").filter({ hasText: "ann" })).toContainText("analyst");

  const analyst = await open();
  await analyst.goto(passwordLink);
  await hydrated(analyst);
  await analyst.getByLabel("New password", { exact: true }).fill("password1234");
  await analyst.getByLabel("New password again").fill("password1234");
  await analyst.getByRole("button", { name: "Set password" }).click();
  await expect(analyst.getByText(/one of the first that anybody would try/)).toBeVisible();
  await analyst.getByLabel("New password", { exact: true }).fill(annPassword);
  await analyst.getByLabel("New password again").fill(annPassword);
  await analyst.getByRole("button", { name: "Set password" }).click();
  await analyst.getByRole("link", { name: "Sign in" }).click();
  await signIn(analyst, "ann", annPassword);
  await analyst.goto("/settings?section=users");
  await expect(analyst.getByText("Only admins work here")).toBeVisible();

  const key = await makeKey(admin, "siem");
  const incident = await postAlert(installation, key);
  await analyst.goto(`/incidents/${incident}?section=notes`);
  await hydrated(analyst);
  await analyst.getByLabel("New note").fill("Called the owner: it was not them");

  await admin.goto("/settings?section=users");
  await hydrated(admin);
  const row = admin.getByRole("row").filter({ hasText: "ann" });
  await row.getByRole("button", { name: "Disable" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(row).toContainText("disabled");
  const ended = analyst.getByRole("dialog", { name: "Your session ended" });
  await expect(ended).toBeVisible();
  await ended.getByLabel("Password").fill(annPassword);
  await ended.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(ended.getByText("User name or password is wrong, or the account is disabled.")).toBeVisible();

  await row.getByRole("button", { name: "Enable" }).click();
  await expect(row).toContainText("enabled");
  await ended.getByLabel("Password").fill(annPassword);
  await ended.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(ended).toBeHidden();
  await expect(analyst.getByLabel("New note")).toHaveValue("Called the owner: it was not them");
  await analyst.getByRole("button", { name: "Add note" }).click();
  await expect(analyst.getByRole("listitem").filter({ hasText: "Called the owner" })).toBeVisible();

  await revokeKey(admin, "siem");
  expect((await post(installation, key)).status).toBe(401);
});

test("the settings and the set-up are accessible, wide and narrow, light and dark", async ({ installation, open }) => {
  const admin = await open();
  await show(admin, installation.setupLink, "setup");
  await setUp(admin, installation);
  await makeKey(admin, "siem");
  const person = { username: "stand-in", roles: ["approver"], password: "seven purple umbrellas" };
  expect((await admin.request.post("/api/v1/users", { data: person })).status()).toBe(201);
  for (const section of ["account", "users", "confirmations", "keys", "sessions", "appearance", "health"]) {
    await show(admin, `/settings?section=${section}`, `settings-${section}`);
  }
  await show(admin, "/set-password?token=guessed", "set-password");
});

async function setUp(page: Page, installation: Installation): Promise<void> {
  await page.goto(installation.setupLink);
  await hydrated(page);
  await page.getByLabel("User name").fill("root-admin");
  await page.getByLabel("New password", { exact: true }).fill(adminPassword);
  await page.getByLabel("New password again").fill(adminPassword);
  await page.getByRole("button", { name: "Make the admin" }).click();
  await expect(page.getByText("is the first admin")).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, "root-admin", adminPassword);
  await expect(page.getByRole("heading", { name: "People" })).toBeVisible();
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await hydrated(page);
}

async function makeKey(page: Page, name: string): Promise<string> {
  await page.goto("/settings?section=keys");
  await hydrated(page);
  await page.getByRole("button", { name: "Create a key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("checkbox", { name: /^alerts:write/ }).check();
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.getByText(/^cs_[A-Za-z0-9]+_[A-Za-z0-9]{20,}$/).innerText();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await expect(page.getByText(key)).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("in force");
  return key;
}

async function revokeKey(page: Page, name: string): Promise<void> {
  await page.goto("/settings?section=keys");
  await hydrated(page);
  const row = page.getByRole("row").filter({ hasText: name });
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("revoked");
}

function post(installation: Installation, key: string): Promise<Response> {
  return fetch(`${installation.url}/api/v1/alerts`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ incident_type: "phishing", title: "Look-alike payroll page", severity: "medium" }),
  });
}

async function postAlert(installation: Installation, key: string): Promise<string> {
  const answer = await post(installation, key);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { incident_id: string }).incident_id;
}

async function show(page: Page, path: string, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      await hydrated(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} is wider than ${width} px`).toBeLessThanOrEqual(0);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter((violation) => violation.impact === "serious" || violation.impact === "critical");
      expect.soft(serious.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`), `${name} at ${width} px, ${colorScheme}`).toEqual([]);
    }
  }
}
