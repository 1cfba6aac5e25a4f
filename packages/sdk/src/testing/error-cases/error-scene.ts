import { Client } from "pg";
import { inject } from "vitest";
import { HotMesh, type HotMeshConfig, type ILogger, type StreamData } from "../../index.js";
import { orchard } from "./orchard-document.js";

/** One line of the log of an instance of the scene. */
interface Line {
  readonly level: string;
  readonly message: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** An app on the PostgreSQL of the tests, whose version 1 is active, and what its instances have logged. */
export class ErrorScene {
  readonly appId: string;
  readonly lines: Line[] = [];
  /** What the workers were asked, by job. */
  readonly asked = new Map<string, StreamData>();
  /** Logins that a case has made. */
  readonly roles = new Set<string>();
  readonly #schemas = new Set<string>();
  readonly #clients: Client[] = [];
  #mesh: HotMesh | null = null;
  #apps = 0;

  static async open(name: string): Promise<ErrorScene> {
    const scene = new ErrorScene(`${name}${process.pid}`);
    scene.#mesh = await scene.join({ engine: scene.engine, workers: scene.workers });
    await scene.mesh.deploy(orchard(scene.appId));
    await scene.mesh.activate("1", 20);
    return scene;
  }

  private constructor(appId: string) {
    this.appId = appId;
    this.#schemas.add(appId);
  }

  /** An instance with an engine and workers. */
  get mesh(): HotMesh {
    if (this.#mesh === null) throw new Error("the scene is not open yet");
    return this.#mesh;
  }

  get url(): string {
    return inject("postgresUrl");
  }

  get connection() {
    return { class: Client, options: { connectionString: this.url } };
  }

  get engine() {
    return { connection: this.connection };
  }

  get workers() {
    const callback = async (message: StreamData) => {
      this.asked.set(String(message.metadata.jid), message);
      if (message.data["fails"] === true) throw Object.assign(new Error("a worm was in it"), { code: 422 });
      return { status: "pending" as const, code: 202, data: {} };
    };
    return [{ topic: "fruit.press", connection: this.connection, callback }];
  }

  /** Another instance of the app. */
  join(over: Partial<HotMeshConfig> = {}): Promise<HotMesh> {
    return HotMesh.init({ appId: this.appId, logger: this.#logger(), engine: this.engine, ...over });
  }

  /** An instance without an engine. */
  workerOnly(): Promise<HotMesh> {
    return HotMesh.init({ appId: this.appId, logger: this.#logger(), workers: this.workers });
  }

  /** An app id that nobody else has. */
  newApp(): string {
    this.#apps += 1;
    const appId = `${this.appId}x${this.#apps}`;
    this.#schemas.add(appId);
    return appId;
  }

  /** An instance of an app in which nothing was deployed. */
  async elsewhere(over: Partial<HotMeshConfig> = {}): Promise<HotMesh> {
    return this.join({ appId: this.newApp(), ...over });
  }

  /** A connected client beside those of the instances. */
  async client(): Promise<Client> {
    const client = new Client(this.connection.options);
    client.on("error", () => {});
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  async sql(text: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return (await (await this.client()).query(text, [...parameters])).rows;
  }

  async close(): Promise<void> {
    await HotMesh.stop();
    for (const schema of this.#schemas) await this.sql(`drop schema if exists "${schema}" cascade`);
    await this.sql("delete from public.hmsh_escalations where app_id = any($1)", [[...this.#schemas]]);
    for (const role of this.roles) await this.sql(`drop role if exists "${role}"`);
    for (const client of this.#clients) await client.end();
  }

  #logger(): ILogger {
    const at =
      (level: string) =>
      (message: string, ...meta: unknown[]): void => {
        this.lines.push({ level, message, meta: Object.assign({}, ...meta) });
      };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }
}
