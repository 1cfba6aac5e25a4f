import { randomUUID } from "node:crypto";
import {
  type CounterChange,
  type Instant,
  instant,
  type JobRecord,
  jobId,
  type Plan,
  type Pump,
  silentLogger,
} from "@hotmesh/core";
import { payloadCheck } from "@hotmesh/core/compiler";
import { TestClock } from "@hotmesh/core/testing";
import { Engine } from "@hotmesh/engine";
import { openPostgres, type PostgresBackend } from "@hotmesh/store-postgres";
import { Worker, type WorkerCallback } from "@hotmesh/worker";
import { Client, type ClientBase } from "pg";
import { handoffTo } from "./handoff.js";
import { perform } from "./perform.js";
import type { Story } from "./stories.js";

/** What is left in the tables when all has come to rest. */
export interface Leftovers {
  readonly messages: number;
  readonly hooks: number;
  readonly pendingItems: number;
  /** Jobs that are below zero and neither interrupted nor waiting to be resumed. */
  readonly negative: number;
  /** Jobs that are not over. */
  readonly open: number;
}

export interface PostgresMeshOptions {
  readonly url: string;
  readonly plan: Plan;
  readonly callback: WorkerCallback;
  readonly topics: readonly string[];
}

const processes = 2;
const roundsMax = 2_000;
const leaseMs = 60_000;
const restingMs = 200;

/** Engines and workers of several processes over one schema of a database, on a clock that moves when they rest. */
export class PostgresMesh {
  readonly #clock = new TestClock();
  readonly #options: PostgresMeshOptions;
  readonly #appId = `s-${randomUUID()}`;
  readonly #backends: PostgresBackend[] = [];
  readonly #engines: Engine<ClientBase>[] = [];
  readonly #pumps: Pump[] = [];
  /** The first thing that a pump complained of: nothing goes wrong here by itself. */
  #complaint: Error | null = null;

  private constructor(options: PostgresMeshOptions) {
    this.#options = options;
  }

  static async open(options: PostgresMeshOptions): Promise<PostgresMesh> {
    const mesh = new PostgresMesh(options);
    for (let process = 0; process < processes; process += 1) await mesh.#boot(process);
    const store = mesh.#backends[0]?.store;
    await store?.deploy(options.plan);
    await store?.activate(options.plan.version);
    return mesh;
  }

  get startedAt(): Instant {
    return this.#clock.now();
  }

  /** Tells all stories at once, and goes on until nothing moves any more. */
  async play(stories: readonly Story[]): Promise<void> {
    let failure: unknown = null;
    let telling = stories.length;
    stories.forEach((story, at) => {
      this.#tell(story, at)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => {
          telling -= 1;
        });
    });
    for (let round = 0; round < roundsMax; round += 1) {
      const ticks = await Promise.all(this.#pumps.map((pump) => pump.tick()));
      failure ??= this.#complaint;
      if (failure !== null) throw failure;
      const wanted = ticks.map(({ nextAt }) => nextAt).filter((at) => at !== null);
      if (telling === 0 && (await this.#isOver())) return;
      const next = Math.min(...wanted);
      if (next > this.#clock.now()) this.#clock.set(this.#later(next));
    }
    const left = JSON.stringify(await this.leftovers());
    throw new Error(`after ${roundsMax} rounds ${left} are left, and ${telling} stories are not told`);
  }

  /** As it stands, whether it has expired or not. */
  readJob(id: string): Promise<JobRecord | null> {
    const [backend] = this.#backends;
    if (backend === undefined) throw new Error("the mesh is closed");
    return backend.store.readJob(jobId(id));
  }

  async leftovers(): Promise<Leftovers> {
    const [leftovers] = await this.#query<Leftovers>(`select
      (select count(*)::int from app.message where dead_lettered_at is null) as messages,
      (select count(*)::int from app.hook) as hooks,
      (select count(*)::int from public.hmsh_escalations where app_id = '${this.#appId}' and status = 'pending')
        as "pendingItems",
      (select count(*)::int from app.job where status < 0 and phase not in ('interrupted', 'pending')) as negative,
      (select count(*)::int from app.job where status > 0 or phase in ('running', 'pending')) as open`);
    if (leftovers === undefined) throw new Error("counting gives a row");
    return leftovers;
  }

  /** The ids of all jobs, in order. */
  async jobs(): Promise<readonly string[]> {
    const rows = await this.#query<{ readonly id: string }>("select id from app.job order by id");
    return rows.map(({ id }) => id);
  }

  /** What was counted, in whichever slice of time. */
  counters(): Promise<readonly Omit<CounterChange, "slice">[]> {
    return this.#query('select name, field, sum(value) as "add" from app.counter group by name, field');
  }

  async close(): Promise<void> {
    const schema = this.#schema();
    for (const backend of this.#backends) await backend.close();
    await this.#connected((client) => client.query(`drop schema if exists ${schema} cascade`));
  }

  async #boot(process: number): Promise<void> {
    const { url, callback, topics } = this.#options;
    const clock = this.#clock;
    const options = { connection: url, appId: this.#appId, processId: randomUUID(), notifications: false };
    const backend = await openPostgres({ ...options, now: () => clock.now() });
    const logger = { ...silentLogger, error: (event: string, ...meta: readonly unknown[]) => this.#hear(event, meta) };
    const shared = { clock, sub: backend.sub, logger };
    let engine: Engine<ClientBase> | null = null;
    // The first process hands its work over; what the workers of the second one answer is stored and claimed.
    const isJoined = process === 0;
    const workers = topics.map((topic) => {
      const settle = isJoined ? { settle: (answer: Parameters<Engine["answer"]>[0]) => settled(engine, answer) } : {};
      const entries = [{ name: null, callback }];
      return new Worker({ ...shared, ...settle, topic, entries, stream: backend.stream, guid: `w${process}`, leaseMs });
    });
    const handoff = isJoined ? { handoff: handoffTo(workers) } : {};
    engine = new Engine({ ...shared, ...handoff, appId: "simulated", store: backend.store, violations: payloadCheck });
    this.#backends.push(backend);
    this.#engines.push(engine);
    this.#pumps.push(engine, ...workers);
  }

  async #tell({ actions }: Story, at: number): Promise<void> {
    const engine = this.#engines[at % this.#engines.length];
    if (engine === undefined) throw new Error("the mesh is closed");
    const performer = {
      engine,
      now: () => this.#clock.now(),
      newId: () => randomUUID(),
      heldMessage: () => undefined,
    };
    for (const action of actions) await perform(performer, action);
  }

  #hear(event: string, meta: readonly unknown[]): void {
    const [facts] = meta;
    const cause = typeof facts === "object" && facts !== null && "error" in facts ? facts.error : meta;
    this.#complaint ??= new Error(`${event}: ${cause}`, { cause });
  }

  async #isOver(): Promise<boolean> {
    const { messages, open } = await this.leftovers();
    return messages === 0 && open === 0;
  }

  /** Not every moment that a pump wants is worth a round of its own. */
  #later(next: number): Instant {
    return instant(Math.max(next, this.#clock.now() + restingMs));
  }

  #schema(): string {
    return `"${this.#backends[0]?.schema}"`;
  }

  async #query<T>(text: string): Promise<readonly T[]> {
    return this.#connected(async (client) => {
      const { rows } = await client.query(text.replaceAll(" app.", ` ${this.#schema()}.`));
      return rows;
    });
  }

  async #connected<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.#options.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

async function settled(engine: Engine<ClientBase> | null, answer: Parameters<Engine["answer"]>[0]) {
  if (engine === null) throw new Error("the engine is not there yet");
  return engine.answer(answer);
}
