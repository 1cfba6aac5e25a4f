import { after, generationId, type Instant, type JobId, type MessageKey, messageKey } from "../brand.js";
import { graphProgram } from "../interpret/batch.js";
import { type SignalRequestBody, signalRequestKind } from "../interpret/event-codec.js";
import { interruptMessage } from "../interpret/interrupt-job.js";
import type { PayloadCheck } from "../interpret/moment.js";
import { prepareStart } from "../interpret/start-event.js";
import { type Failure, failureOf } from "../job/failure.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { Backend } from "../ports/backend.js";
import type { AnswerBody, Lease, OutgoingMessage } from "../ports/message.js";
import type { Program, Verdict } from "../ports/program.js";
import type { JobRecord } from "../ports/records.js";
import { interruptBodyOf, type Scenario, type ScenarioHost, type ScenarioItem, workerAnswer } from "./scenario.js";
import type { TestClock } from "./test-clock.js";

const leaseMs = 600_000;

/** Where a scenario is played. */
export interface BackendHostOptions<Tx> {
  readonly backend: Backend<Tx>;
  /** The storage's clock. */
  readonly clock: TestClock;
  readonly violations?: PayloadCheck;
}

/** Plays a scenario over a backend, by its ports alone and the strict way: every answer goes through the stream. */
export class BackendHost<Tx> implements ScenarioHost {
  readonly calls = new Map<string, Json[]>();
  readonly announced = new Map<string, Json[]>();
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #backend: Backend<Tx>;
  readonly #clock: TestClock;
  readonly #program: Program;
  readonly #topics: readonly string[];
  readonly #violations: PayloadCheck | null;
  #working: { readonly lease: Lease; readonly answer: AnswerBody; readonly at: Instant }[] = [];
  #drawn = 0;

  private constructor(scenario: Scenario, plan: Plan, host: BackendHostOptions<Tx>) {
    this.#scenario = scenario;
    this.#plan = plan;
    this.#backend = host.backend;
    this.#clock = host.clock;
    this.#program = graphProgram({
      plans: new Map([[plan.id, plan]]),
      policy: null,
      ...(host.violations !== undefined && { violations: host.violations }),
    });
    this.#violations = host.violations ?? null;
    this.#topics = Object.keys(scenario.workers);
  }

  /** Deploys and activates the plan on an empty backend. */
  static async open<Tx>(scenario: Scenario, plan: Plan, on: BackendHostOptions<Tx>): Promise<BackendHost<Tx>> {
    const host = new BackendHost(scenario, plan, on);
    await on.backend.store.deploy(plan);
    await on.backend.store.activate(plan.version);
    await on.backend.sub.subscribe("job", (body) => host.#hear(body));
    return host;
  }

  async start(topic: string, payload: JsonObject, id: JobId): Promise<Failure | null> {
    const generation = generationId(this.#draw("G"));
    const request = {
      topic,
      payload,
      generatedId: id,
      generation,
      key: this.#key(),
      now: this.#clock.now(),
      violations: this.#violations,
    };
    try {
      return await this.#event(prepareStart(this.#plan, request));
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  async signal(topic: string, data: JsonObject, answer: Pick<AnswerBody, "status" | "code">): Promise<Failure | null> {
    const body: SignalRequestBody = { topic, data, ...answer };
    return await this.#event({ ...blank(this.#key()), kind: signalRequestKind, body });
  }

  async interrupt(id: JobId, options: JsonObject): Promise<void> {
    await this.#event(interruptMessage(this.#key(), id, interruptBodyOf(options)));
  }

  async advance(ms: number): Promise<void> {
    const end = this.#clock.now() + ms;
    for (;;) {
      const next = await this.#settle();
      if (next === null || next > end) break;
      this.#clock.advance(next - this.#clock.now());
    }
    this.#clock.advance(end - this.#clock.now());
  }

  job(id: JobId): Promise<JobRecord | null> {
    return this.#backend.store.readJob(id);
  }

  async items(key: string): Promise<readonly ScenarioItem[]> {
    return [...(await this.#backend.store.readEscalations(key))].reverse();
  }

  async #event(message: OutgoingMessage): Promise<Failure | null> {
    const report = await this.#backend.store.step({ limit: 0, events: [message] }, this.#program);
    const [verdict] = report.verdicts;
    return verdict === undefined ? null : refusalOf(verdict, message);
  }

  /** Does everything that is due now; when something else becomes due. */
  async #settle(): Promise<number | null> {
    for (;;) {
      const report = await this.#backend.store.step({ limit: 100 }, this.#program);
      const claimed = await this.#claim();
      const answered = await this.#answer();
      if (report.claimed + claimed + answered > 0) continue;
      const due = this.#working.map(({ at }) => at);
      if (report.nextDueAt !== null) due.push(report.nextDueAt);
      return due.length === 0 ? null : Math.min(...due);
    }
  }

  async #claim(): Promise<number> {
    let claimed = 0;
    for (const topic of this.#topics) {
      const { leases } = await this.#backend.stream.claim({ topic, limit: 100, leaseMs, holder: "scenario" });
      claimed += leases.length;
      for (const lease of leases) {
        const calls = this.calls.get(topic) ?? [];
        calls.push(lease.body);
        this.calls.set(topic, calls);
        const { ms, ...answer } = workerAnswer(this.#scenario, lease, calls.length);
        this.#working.push({ lease, answer, at: after(this.#clock.now(), ms) });
      }
    }
    return claimed;
  }

  async #answer(): Promise<number> {
    const now = this.#clock.now();
    const ready = this.#working.filter(({ at }) => at <= now);
    this.#working = this.#working.filter(({ at }) => at > now);
    if (ready.length === 0) return 0;
    const settlements = ready.map(({ lease, answer }) => ({ lease, outcome: { kind: "answer" as const, answer } }));
    await this.#backend.stream.settle(settlements);
    return ready.length;
  }

  #hear(body: Json): void {
    if (!isJsonObject(body)) return;
    const id = String(body["job"]);
    const output = body["output"];
    const results = this.announced.get(id) ?? [];
    results.push(isJsonObject(output) ? (output["data"] ?? null) : null);
    this.announced.set(id, results);
  }

  #draw(prefix: string): string {
    this.#drawn += 1;
    return `${prefix}${this.#drawn}`;
  }

  #key(): MessageKey {
    return messageKey(this.#draw("event-"));
  }
}

function blank(key: MessageKey): Omit<OutgoingMessage, "kind" | "body"> {
  return {
    key,
    topic: null,
    job: null,
    generation: null,
    path: null,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}

function refusalOf(verdict: Verdict, message: OutgoingMessage): Failure | null {
  if (verdict.outcome === "applied") return null;
  if (verdict.outcome === "duplicate") return { message: `Duplicate job: ${message.job}`, code: 409 };
  return verdict.outcome === "rejected" ? verdict.failure : { message: verdict.reason, code: 409 };
}
