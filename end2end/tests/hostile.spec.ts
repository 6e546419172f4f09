// Every text of the corpus of attacks in every page: nothing of it runs, loads, asks or becomes an element, and nothing that is shown
// reorders, hides or imitates.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "../support/story.ts";
import type { Receipt, Server } from "../support/server.ts";

interface Hostile {
  group: string;
  attacks: string;
  text: string;
}

const corpus = JSON.parse(readFileSync("../server/tests/corpus/hostile.json", "utf8")) as Hostile[];
// Texts that deceive a reader; of these every kind of field is given one.
const deceiving = corpus.filter(({ group }) => group === "deceiving");
const sections = ["timeline", "entities", "evidence", "runs", "tasks", "notes", "similar", "audit"];
// Texts that one incident carries in its notes, tasks, tags and files.
const CARRIED = 40;
// One of so many titles and searches is opened; of the others the page that the server makes is read.
const EACH = 6;

test("no text of the corpus comes to life in any page", async ({ server, join }) => {
  test.setTimeout(900_000);
  const analyst = await join("analyst");

  const receipts: Receipt[] = [];
  for (const [number, { text }] of corpus.entries()) receipts.push(await plant(server, number, text));
  const carriers: string[] = [];
  for (let first = 0; first < corpus.length; first += CARRIED) {
    const id = receipts[first]!.incident_id;
    await carry(analyst, id, corpus.slice(first, first + CARRIED));
    carriers.push(id);
  }
  const deceived = receipts[corpus.indexOf(deceiving[0]!)]!.incident_id;
  await carry(analyst, deceived, deceiving);
  carriers.push(deceived);
  // Only now: a decision asks for a sign-in that is not old, however long all that took.
  const [approver, admin] = [await join("approver"), await join("admin")];
  const failures: string[] = [];
  for (const page of [analyst, approver, admin]) watch(page, server, failures);
  const [run, approval] = await decide(analyst, approver, carriers[0]!);
  await administer(admin);

  const titled = [...new Set(receipts.map((receipt) => receipt.incident_id))].map((id) => `/incidents/${id}`);
  const searches = corpus.map(({ text }) => `/incidents?q=${encodeURIComponent(text)}`);
  await visit(analyst, ["/incidents", ...oneInEach(titled, 0), ...oneInEach(searches, 1)]);
  await read(analyst, [...titled, ...searches, ...receipts.map((receipt) => `/alerts/${receipt.id}`)]);
  await visit(analyst, carriers.flatMap((id) => sections.map((section) => `/incidents/${id}?section=${section}`)));
  await visit(analyst, ["/alerts", ...receipts.slice(0, CARRIED).map((receipt) => `/alerts/${receipt.id}`), "/alerts/new", "/runs", `/runs/${run}`]);
  await visit(approver, ["/approvals", `/approvals/${approval}`]);
  await visit(admin, ["/audit", "/playbooks", "/playbooks/PB-HOSTILE", "/playbooks/PB-HOSTILE?section=versions", "/playbooks/upload?from=PB-HOSTILE", "/settings"]);
  await visit(admin, ["/settings?section=users"]);
  expect(failures).toEqual([]);
});

test("what deceives is written out where it is read, and beside the field in which it is typed", async ({ server, join }) => {
  const analyst = await join("analyst");
  const receipt = await server.postAlert({ incident_type: "phishing", title: "\u202enimda", username: "\u0430dmin", src_ip: "198.51.100.77" });
  await analyst.goto(`/incidents/${receipt.incident_id}`);
  await hydrated(analyst);
  const heading = analyst.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("‹U+202E›nimda");
  await expect(heading.locator("bdi")).toHaveCSS("unicode-bidi", "isolate");
  await expect(analyst).toHaveTitle(/‹U\+202E›nimda/);
  await expect(analyst.getByText("‹U+0430›dmin").first()).toBeVisible();
  await analyst.getByRole("button", { name: "Edit title" }).click();
  const field = analyst.getByRole("dialog").getByLabel("Name");
  await expect(field).toHaveValue("\u202enimda");
  await expect(analyst.getByRole("dialog").getByText("Shown as: ‹U+202E›nimda")).toBeVisible();
  await field.fill("plain");
  await expect(analyst.getByRole("dialog").getByText("Shown as:")).toHaveCount(0);
});

// An alert that holds the text wherever it is taken.
async function plant(server: Server, number: number, text: string): Promise<Receipt> {
  const certain = { incident_type: "brute_force", impact: 5, likelihood: 5, src_ip: `10.0.${Math.floor(number / 200)}.${number % 200}`, context: { privileged_account: true, note: text } };
  const free = { title: text, raw_log: text, hostname: text, username: text, url: text, tags: [text], mitre: [text] };
  return await server.postAlert({ ...certain, ...free }).catch(() => server.postAlert({ ...certain, username: text })).catch(() => server.postAlert(certain));
}

async function carry(analyst: Page, id: string, texts: Hostile[]): Promise<void> {
  const path = `/api/v1/incidents/${id}`;
  for (const { text } of texts) {
    await analyst.request.post(`${path}/notes`, { data: { text } });
    await analyst.request.post(`${path}/tasks`, { data: { title: text } });
    const kept = { data: Buffer.from(text), headers: { "content-type": "application/octet-stream" } };
    await analyst.request.post(`${path}/evidence?name=${encodeURIComponent(text)}`, kept);
  }
  await analyst.request.patch(path, { data: { tags: texts.map(({ text }) => text).filter((text) => text.trim() && text.length < 100) } });
  await analyst.request.patch(path, { data: { analyst_notes: texts.map(({ text }) => text).join("\n") } });
  await analyst.request.patch(path, { data: { verdict: "suspicious", verdict_reason: texts[0]!.text } });
  await analyst.request.post("/api/v1/views", { data: { name: texts[1]!.text.slice(0, 60), query: texts[1]!.text } });
  for (const { text } of texts.filter(({ group }) => group === "deceiving")) await analyst.request.post("/api/v1/views", { data: { name: text, query: "" } });
}

// A run that is rejected with a hostile reason; the ids of both.
async function decide(analyst: Page, approver: Page, id: string): Promise<[string, string]> {
  const asked = await analyst.request.post(`/api/v1/incidents/${id}/run`, { data: {} });
  expect(asked.status()).toBe(202);
  const { run, approval } = await asked.json();
  const reason = corpus.find(({ attacks }) => attacks === "a sign-off that turns round")!.text;
  const vote = { decision: "reject", reason, plan_digest: approval.plan_digest };
  expect((await approver.request.post(`/api/v1/approvals/${approval.id}/decide`, { data: vote })).status()).toBe(200);
  return [run.id, approval.id];
}

// Names of people, and a playbook.
async function administer(admin: Page): Promise<void> {
  const [user] = (await (await admin.request.get("/api/v1/users")).json()).items;
  for (const { text } of [...corpus.filter(({ group }) => group === "markup" || group === "attributes").slice(0, 12), ...deceiving]) {
    await admin.request.patch(`/api/v1/users/${user.id}`, { data: { display_name: text } });
    const step = { id: "tell", action: "notify", with: { channel: "soc", message: text } };
    const playbook = JSON.stringify({ id: "PB-HOSTILE", name: text, description: text, incident_type: "hostile", actions: [step] });
    await admin.request.put("/api/v1/playbooks/PB-HOSTILE", { data: playbook, headers: { "content-type": "application/yaml" } });
  }
  expect((await admin.request.get("/api/v1/playbooks/PB-HOSTILE")).status()).toBe(200);
}

function watch(page: Page, server: Server, failures: string[]): void {
  page.on("dialog", (dialog) => {
    failures.push(`${page.url()} asked: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith("data:")) failures.push(`${page.url()} asks ${url}`);
  });
  page.on("popup", (popup) => failures.push(`${page.url()} opened ${popup.url()}`));
}

async function visit(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(path);
    await hydrated(page);
    expect.soft(await page.evaluate(cameToLife), `${path} has what is not ours`).toEqual([]);
    expect.soft(await page.evaluate(deceives), `${path} shows what deceives`).toEqual([]);
  }
}

function oneInEach(paths: string[], from: number): string[] {
  return paths.filter((_, number) => number % EACH === from);
}

// Reads pages as the server makes them, into a document in which nothing runs.
async function read(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(200);
    const text = await answer.text();
    expect.soft(await page.evaluate(cameToLife, text), `${path} has what is not ours`).toEqual([]);
    expect.soft(await page.evaluate(deceives, text), `${path} shows what deceives`).toEqual([]);
  }
}

// What a hostile text has become, if it has become anything: in this page, or in another one.
function cameToLife(html?: string): string[] {
  const foreign = "iframe, frame, object, embed, base, math, foreignObject, animate, video, audio, marquee, meta[http-equiv], [srcdoc], [popovertarget]";
  const ours = (element: Element) => {
    const names = [element.localName, ...element.getAttributeNames()];
    const marked = names.some((name) => name.includes("hostile")) || element.getAttributeNames().some((name) => name.startsWith("on"));
    const inline = element.localName === "script" && !(element as HTMLScriptElement).nonce;
    const address = (element.getAttribute("href") ?? element.getAttribute("src") ?? "").trim().toLowerCase();
    return !marked && !inline && !element.matches(foreign) && !/^(javascript|data|vbscript|file):/.test(address);
  };
  const looked = html === undefined ? document : new DOMParser().parseFromString(html, "text/html");
  const found = [...looked.querySelectorAll("*")].filter((element) => !ours(element)).map((element) => element.outerHTML.slice(0, 200));
  const marks = window as { __hostile?: unknown };
  return marks.__hostile === undefined && !("hostile" in {}) ? found : [...found, `a script ran: ${marks.__hostile}`];
}

// What a reader is shown that reorders, hides or is none, and what passes for another text: in the texts of a page, and in all
// attributes but those that hold data.
function deceives(html?: string): string[] {
  const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\u{e0000}-\u{10ffff}]/u;
  const imitating = /\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]|[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]\p{Script=Latin}|[\uff21-\uff5a\u{1d400}-\u{1d7ff}]/u;
  const looked = html === undefined ? document : new DOMParser().parseFromString(html, "text/html");
  const shown: string[] = [looked.title];
  const texts = looked.createTreeWalker(looked.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const holder = texts.currentNode.parentElement;
    if (!holder?.closest("script, style")) shown.push(texts.currentNode.nodeValue ?? "");
  }
  for (const element of looked.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (!["value", "href", "src", "action", "content"].includes(name)) shown.push(value);
    }
  }
  return shown.filter((text) => unseen.test(text) || imitating.test(text)).map((text) => JSON.stringify(text.slice(0, 200)));
}
