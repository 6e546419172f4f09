// Files kept with an incident: with their digests, seen by others at once, given back as downloads, refused in words.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, hydrated, test } from "../support/story.ts";

const MIB = 1024 * 1024;
const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });

test("a file is kept with its digest, shown to others at once, and given back as a download only", async ({ server, join }) => {
  const receipt = await server.postAlert({ title: "Odd mail", incident_type: "other", severity: "low", source: "evidence" });
  const [analyst, auditor] = [await join("analyst"), await join("auditor")];
  for (const page of [analyst, auditor]) {
    await page.goto(`/incidents/${receipt.incident_id}?section=evidence`);
    await hydrated(page);
    await expect(page.getByText("No files yet")).toBeVisible();
  }
  await expect(auditor.getByLabel("Keep a file")).toBeDisabled();
  const mail = Buffer.from("From: <script>window.hacked=1</script>\n");
  await analyst.getByLabel("Keep a file").setInputFiles(file("mail.html", mail));
  await analyst.getByRole("button", { name: "Keep file" }).click();

  const row = auditor.getByRole("row").filter({ hasText: "mail.html" });
  await expect(row).toContainText(createHash("sha256").update(mail).digest("hex"));
  await expect(row).toContainText(`${mail.length} B`);
  await expect(row).toContainText("analyst");
  const download = auditor.waitForEvent("download");
  await row.getByRole("link", { name: "Download mail.html" }).click();
  expect(readFileSync(await (await download).path())).toEqual(mail);
  await expect(analyst.getByRole("region", { name: "Notices" })).toContainText("mail.html is kept");
  await expect(analyst.getByLabel("Keep a file")).toHaveValue("");
  await auditor.getByRole("link", { name: "Timeline" }).click();
  await expect(auditor.getByRole("region", { name: "Timeline" })).toContainText("mail.html");
});

test("a file that is too large, empty or one too many is refused in words", async ({ server, join }) => {
  const receipt = await server.postAlert({ title: "Many files", incident_type: "other", severity: "low", source: "evidence-many" });
  const analyst = await join("analyst");
  await analyst.goto(`/incidents/${receipt.incident_id}?section=evidence`);
  await hydrated(analyst);
  const field = analyst.getByLabel("Keep a file");
  const keep = analyst.getByRole("button", { name: "Keep file" });
  await expect(analyst.getByText("One file of at most 25 MiB")).toBeVisible();
  for (const [size, words] of [[25 * MIB + 1, "more than the 26214400"], [0, "The file is empty."]] as const) {
    await field.setInputFiles(file("image.raw", Buffer.alloc(size)));
    await expect(analyst.getByRole("alert")).toContainText(words);
    await expect(keep).toBeDisabled();
  }
  for (let number = 0; number < 100; number += 1) {
    const answer = await analyst.request.post(`/api/v1/incidents/${receipt.incident_id}/evidence?name=${number}.txt`, {
      headers: { "content-type": "application/octet-stream" },
      data: Buffer.from(String(number)),
    });
    expect(answer.status()).toBe(201);
  }
  await field.setInputFiles(file("one-more.txt", Buffer.from("one more")));
  await keep.click();
  await expect(analyst.getByRole("alert")).toContainText("an incident has at most 100 files");
});

test("a file on its way shows how far it is, and can be stopped", async ({ server, join }) => {
  const receipt = await server.postAlert({ title: "Slow file", incident_type: "other", severity: "low", source: "evidence-slow" });
  const analyst = await join("analyst");
  await analyst.goto(`/incidents/${receipt.incident_id}?section=evidence`);
  await hydrated(analyst);
  const network = await analyst.context().newCDPSession(analyst);
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 64 * 1024 });
  await analyst.getByLabel("Keep a file").setInputFiles(file("capture.pcap", Buffer.alloc(8 * MIB, 1)));
  await analyst.getByRole("button", { name: "Keep file" }).click();
  await expect(analyst.getByRole("progressbar", { name: "Sending" })).toBeVisible();
  await expect(analyst.getByText(/^Sending: \d+ % of 8 MiB$/)).toBeVisible();
  await analyst.getByRole("button", { name: "Cancel" }).click();
  await expect(analyst.getByRole("progressbar")).toHaveCount(0);
  await expect(analyst.getByRole("alert")).toHaveCount(0);
  await expect(analyst.getByText("No files yet")).toBeVisible();
});
