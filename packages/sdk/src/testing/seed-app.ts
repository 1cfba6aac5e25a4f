import { Client } from "pg";
import { expect, inject, vi } from "vitest";
import { HotMesh, type HotMeshConfig } from "../index.js";
import { Elsewhere, type ElsewhereSpec, type Heard } from "./elsewhere.js";
import type { Begun } from "./mesh.js";

export const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });

/**
 * An app on the PostgreSQL of the tests, with a schema of its own: an instance in this process, `desk`, which has no
 * workers unless it is given some, and any number in other processes.
 */
export class SeedApp {
  readonly appId: string;
  readonly desk: HotMesh;
  /** What the `subQuorum` callback of `desk` has heard. */
  readonly heard: Heard[] = [];
  readonly elsewhere: Elsewhere[] = [];
  #ordered = 0;

  static async open(name: string, workers: NonNullable<HotMeshConfig["workers"]> = []): Promise<SeedApp> {
    const appId = `${name}${process.pid}`;
    const engine = { connection: connection() };
    const app = new SeedApp(await HotMesh.init({ appId, guid: "desk", logLevel: "silent", engine, workers }));
    await app.desk.subQuorum((topic, message) => app.heard.push({ topic, message }));
    return app;
  }

  private constructor(desk: HotMesh) {
    this.desk = desk;
    this.appId = desk.appId;
  }

  async activate(document: string, version = "1"): Promise<void> {
    await this.desk.deploy(document);
    await this.desk.activate(version, 20);
  }

  /** An instance in another process. */
  async join(guid: string, topics: readonly string[], over: Partial<ElsewhereSpec> = {}): Promise<Elsewhere> {
    const here = { connection: inject("postgresUrl"), appId: this.appId, guid, topics };
    const elsewhere = await Elsewhere.join({ ...here, engine: "whole", patterns: [], ...over });
    this.elsewhere.push(elsewhere);
    return elsewhere;
  }

  /** What the workers in other processes have begun with, in order. */
  begun(topic?: string): readonly Begun[] {
    const all = this.elsewhere.flatMap(({ begun }) => begun).sort((one, other) => one.at - other.at);
    return topic === undefined ? all : all.filter((begun) => begun.topic === topic);
  }

  /** Starts jobs of the graph `do.<topic>`; their ids, which no other order has had. */
  async order(topic: string, count: number): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, (_, index) => `${topic}/${this.#ordered + index}`);
    this.#ordered += count;
    return Promise.all(ids.map((id) => this.desk.pub(`do.${topic}`, { id })));
  }

  /** The rate of each member that answers a roll call: `van-17 label.print`, `van-17 engine`. */
  async rates(delay = 300): Promise<Record<string, number | undefined>> {
    const profiles = await this.desk.rollCall(delay);
    return Object.fromEntries(
      profiles.map(({ engine_id: id, worker_topic: topic, throttle }) => [`${id} ${topic ?? "engine"}`, throttle]),
    );
  }

  /** Resolves when each member obeys its rate: 0 unless `rates` says otherwise. */
  async obeys(rates: Readonly<Record<string, number>>): Promise<void> {
    const members = ["desk engine"];
    for (const { spec } of this.elsewhere) {
      if (spec.engine !== "none") members.push(`${spec.guid} engine`);
      members.push(...spec.topics.map((topic) => `${spec.guid} ${topic}`));
    }
    const expected = Object.fromEntries(members.map((member) => [member, rates[member] ?? 0]));
    await vi.waitFor(async () => expect(await this.rates()).toEqual(expected), 10_000);
  }

  /** Lifts what was commanded, and lets every job end. */
  async calm(): Promise<void> {
    await this.desk.throttle({ throttle: 0 });
    await this.obeys({});
    await vi.waitFor(
      async () => expect((await this.rows("jobs where status > 0")).map(({ id }) => id)).toEqual([]),
      15_000,
    );
    for (const { begun, heard } of this.elsewhere) {
      begun.length = 0;
      heard.length = 0;
    }
    this.heard.length = 0;
  }

  /** Rows of a view of the app. */
  async rows(view: string): Promise<readonly Record<string, unknown>[]> {
    return this.sql(`select * from "${this.appId}".${view}`);
  }

  async sql(text: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const client = new Client(connection().options);
    await client.connect();
    try {
      return (await client.query(text, [...parameters])).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.elsewhere.map((one) => one.leave()));
    await HotMesh.stop();
    await this.sql(`drop schema if exists "${this.appId}" cascade`);
  }
}
