// A new installation: the server as `countersign serve` starts it in an empty folder, and the set-up link that it prints.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export class Installation {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    readonly setupLink: string,
  ) {}

  static async start(): Promise<Installation> {
    const folder = mkdtempSync(join(tmpdir(), "countersign-new-"));
    const binary = process.env.COUNTERSIGN_BINARY ?? "../target/debug/countersign";
    const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder], { stdio: ["ignore", "pipe", "inherit"] });
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout! })) {
      url ??= line.match(/^listening on (http:\S+)/)?.[1];
      const link = line.match(/http:\S+\/setup\?token=\S+/)?.[0];
      if (url && link) return new Installation(child, folder, url, link);
    }
    throw new Error(`the server ended with ${child.exitCode}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
