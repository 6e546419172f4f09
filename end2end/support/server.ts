// A demo server of its own in a temporary folder, and what its people and sources can do over REST.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Credentials {
  url: string;
  users: { username: string; password: string; roles: string[] }[];
  api_keys: { name: string; key: string; scopes: string[] }[];
}

export interface Receipt {
  id: string;
  incident_id: string;
  risk_score: number;
  severity: string;
  state: string;
}

export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly folder: string,
    readonly credentials: Credentials,
  ) {}

  static async start(): Promise<Server> {
    return Server.startIn(Server.newFolder());
  }

  static newFolder(): string {
    return mkdtempSync(join(tmpdir(), "countersign-e2e-"));
  }

  // In a folder that may have been used before; `crashPoint` is where the server dies.
  static async startIn(folder: string, { port = 0, crashPoint }: { port?: number; crashPoint?: string } = {}): Promise<Server> {
    const binary = process.env.COUNTERSIGN_BINARY ?? "../target/debug/countersign";
    const file = join(folder, "demo-credentials.json");
    const before = changedAt(file);
    const child = spawn(binary, ["demo", "--port", String(port), "--quiet", "--data-dir", folder], {
      stdio: ["ignore", "ignore", "inherit"],
      env: crashPoint ? { ...process.env, COUNTERSIGN_CRASH_POINT: crashPoint } : process.env,
    });
    while (changedAt(file) === before) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new Server(child, folder, JSON.parse(readFileSync(file, "utf8")));
  }

  get url(): string {
    return this.credentials.url;
  }

  password(username: string): string {
    const user = this.credentials.users.find((user) => user.username === username);
    if (!user) throw new Error(`the demo has no ${username}`);
    return user.password;
  }

  key(name: string): string {
    const key = this.credentials.api_keys.find((key) => key.name === name);
    if (!key) throw new Error(`the demo has no key ${name}`);
    return key.key;
  }

  async postAlert(alert: unknown): Promise<Receipt> {
    const answer = await fetch(`${this.url}/api/v1/alerts`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.key("source")}`, "content-type": "application/json" },
      body: JSON.stringify(alert),
    });
    if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Receipt;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  // Waits until the server has died by itself.
  async died(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await new Promise((resolve) => this.process.once("exit", resolve));
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  // As `kill -9` would.
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.process.kill(signal);
    await this.died();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function changedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
