import { type Address, generationId, jobId, messageKey } from "../../brand.js";
import { codePlan } from "../../code/code-plan.js";
import {
  type EntryAnswer,
  type EntryBody,
  hookTopic,
  type OperationRecord,
  type RunPayload,
  runTopic,
  waitTopic,
} from "../../code/protocol.js";
import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import type { AnswerBody, Lease, OutgoingMessage } from "../../ports/message.js";
import type { Verdict } from "../../ports/program.js";
import type { JobRecord } from "../../ports/records.js";
import { type MemoryBackend, memoryBackend } from "../../testing/memory/backend.js";
import { TestClock } from "../../testing/test-clock.js";
import { graphProgram } from "../batch.js";
import { signalRequestKind } from "../event-codec.js";
import { interruptMessage } from "../interrupt-job.js";
import { requestMessage } from "../job-request.js";
import { prepareStart } from "../start-event.js";

/** Plays engine and worker for jobs that are functions: every entry is answered by the test. */
export class FunctionHost {
  readonly clock = new TestClock();
  readonly backend: MemoryBackend = memoryBackend({ clock: this.clock });
  readonly plan = codePlan("durable");
  readonly #program = graphProgram({ plans: { get: () => this.plan }, policy: null });
  #ids = 0;

  static async open(): Promise<FunctionHost> {
    const host = new FunctionHost();
    await host.backend.store.deploy(host.plan);
    await host.backend.store.activate(host.plan.version);
    return host;
  }

  async start(id: string, payload: Partial<RunPayload> = {}): Promise<Verdict | undefined> {
    const message = prepareStart(this.plan, {
      topic: runTopic,
      payload: { workflowId: id, workflowName: "fire", taskQueue: "kiln", arguments: [id], policy: null, ...payload },
      generatedId: jobId(id),
      generation: generationId(`generation of ${id} ${this.#id()}`),
      key: messageKey(this.#id()),
      now: this.clock.now(),
    });
    return this.event(message);
  }

  /** Decides an event, and all that is due after it. */
  async event(event: OutgoingMessage): Promise<Verdict | undefined> {
    const { verdicts } = await this.backend.store.step({ limit: 0, events: [event] }, this.#program);
    await this.settle();
    return verdicts[0];
  }

  /** Decides whatever is due. */
  async settle(): Promise<void> {
    for (;;) {
      const report = await this.backend.store.step({ limit: 100 }, this.#program);
      if (report.claimed === 0) return;
    }
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  signal(id: string, data: Json): Promise<Verdict | undefined> {
    return this.#match(waitTopic, { id, data }, "success");
  }

  /** Has another function run inside of a job. */
  hook(job: string, workflowName = "glaze"): Promise<Verdict | undefined> {
    const payload = { job, workflowName, taskQueue: "kiln", arguments: [], policy: null };
    return this.#match(hookTopic, payload, "pending");
  }

  cancel(id: string): Promise<Verdict | undefined> {
    return this.event({ ...interruptMessage(messageKey(this.#id()), jobId(id), noBody), kind: "cancel", body: null });
  }

  interrupt(id: string): Promise<Verdict | undefined> {
    return this.event(interruptMessage(messageKey(this.#id()), jobId(id), noBody));
  }

  /** Takes the messages of a queue. */
  async take(topic = "kiln"): Promise<readonly Lease[]> {
    const { leases } = await this.backend.stream.claim({ topic, limit: 100, leaseMs: 30_000, holder: "worker" });
    return leases;
  }

  /** The only entry that a queue asks for. */
  async entry(topic = "kiln"): Promise<Entry> {
    const [lease, ...others] = await this.take(topic);
    if (lease === undefined || others.length > 0) throw new Error(`expected one entry, got ${others.length + 1}`);
    return { lease, body: lease.body as EntryBody };
  }

  /** Answers an entry. */
  answer({ lease }: Pick<Entry, "lease">, answer: Partial<EntryAnswer>): Promise<void> {
    return this.settleLease(lease, {
      status: "success",
      code: 200,
      data: { seen: 0, requests: [], ...answer } as unknown as Json,
    });
  }

  async settleLease(lease: Lease, answer: AnswerBody): Promise<void> {
    await this.backend.stream.settle([{ lease, outcome: { kind: "answer", answer } }]);
    await this.settle();
  }

  job(id: string): Promise<JobRecord | null> {
    return this.backend.store.readJob(jobId(id));
  }

  /** What a job has come to. */
  async end(id: string): Promise<JsonObject> {
    const job = await this.job(id);
    if (job === null) return { phase: "gone" };
    return { phase: job.phase, status: job.status, data: job.data, failure: job.failure };
  }

  /** What is recorded below an address, by kind and counter. */
  async records(id: string, at: string): Promise<Record<string, OperationRecord>> {
    const job = await this.job(id);
    if (job === null) return {};
    const under = at as Address;
    const rows = await this.backend.store.readPasses(job.id, job.generation, { under });
    const below = rows.filter((row) => row.address !== under && isJsonObject(row.output));
    return Object.fromEntries(
      below.map((row) => [`${row.activity}${row.address.slice(under.length)}`, row.output as OperationRecord]),
    );
  }

  /** Messages that are still there, of engines and of workers. */
  async left(...topics: string[]): Promise<number> {
    const depths = await Promise.all([null, "kiln", ...topics].map((topic) => this.backend.store.depth(topic)));
    return depths.reduce((sum, depth) => sum + depth, 0);
  }

  #match(topic: string, data: Json, status: "success" | "pending"): Promise<Verdict | undefined> {
    const request = requestMessage(messageKey(this.#id()), generationId("none"), { topic, data: {}, job: "" });
    return this.event({
      ...request,
      kind: signalRequestKind,
      generation: null,
      body: { topic, data, status, code: 200 },
    });
  }

  #id(): string {
    this.#ids += 1;
    return `id ${this.#ids}`;
  }
}

/** A message that asks to enter a function. */
export interface Entry {
  readonly lease: Lease;
  readonly body: EntryBody;
}

const noBody = { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false };

/** A request, with what every operation says of itself. */
export function asked<Request extends object>(n: number, kind: string, request: Request) {
  return { n, kind, name: kind, hash: "", ...request } as never;
}
