import { type JobId, jobId } from "../brand.js";
import { compileMapping } from "../expression/compile-expression.js";
import { evaluate } from "../expression/evaluate.js";
import type { InterruptBody } from "../job/event.js";
import type { Failure } from "../job/failure.js";
import { jobOutput } from "../job/output.js";
import { isJsonObject, type Json, type JsonObject, jsonObjectOf, jsonOf } from "../json.js";
import type { AnswerBody, OutgoingMessage } from "../ports/message.js";
import type { EscalationRecord, JobRecord } from "../ports/records.js";
import type { EscalationState } from "../ports/store.js";

/**
 * A story about graphs, kept in YAML: what is started, what the workers answer, what must come of it. It is played once
 * on the pure interpreter and once on each backend.
 */
export interface Scenario {
  readonly name: string;
  /** The app: a document, or its parts that a file of scenarios shares. */
  readonly document: string;
  /** Worker topic → a maps tree over `{ input, topic, call, attempt }` that gives `{ status?, code?, data?, ms? }`. */
  readonly workers: JsonObject;
  /** See {@link playScenario}. */
  readonly steps: readonly JsonObject[];
}

/** Something that can play a scenario. */
export interface ScenarioHost {
  /** Starts a job with this id; what it was refused for, or null. */
  start(topic: string, payload: JsonObject, id: JobId): Promise<Failure | null>;
  /** Sends a signal; what it was refused for, or null. */
  signal(topic: string, data: JsonObject, answer: Pick<AnswerBody, "status" | "code">): Promise<Failure | null>;
  /** Ends a job. */
  interrupt(id: JobId, options: JsonObject): Promise<void>;
  /** Lets everything happen that happens within `ms`. */
  advance(ms: number): Promise<void>;
  /** A job as it stands; null: there is none, or it has expired. */
  job(id: JobId): Promise<JobRecord | null>;
  /** The work items that have the key, in the order they were opened. */
  items(key: string): Promise<readonly ScenarioItem[]>;
  /** Payloads that each worker topic was given so far, in order. */
  readonly calls: ReadonlyMap<string, readonly Json[]>;
  /** Results announced so far to the subscribers of `publishes`, by job. */
  readonly announced: ReadonlyMap<string, readonly Json[]>;
}

/** A work item, and how it is. */
export type ScenarioItem = EscalationRecord & Pick<EscalationState, "status" | "resolverPayload">;

/** What a step of a scenario says, and what was found. */
export interface Finding {
  readonly step: JsonObject;
  readonly expected: Json;
  readonly found: Json;
}

/**
 * Steps: `{ start, id, payload }`, optionally with `refused: <code>` · `{ signal, data, status?, code? }` ·
 * `{ interrupt: id, … }` · `{ advance: ms }` · `{ expect: id, data?, status?, state?, err? }` (null data: no data) ·
 * `{ calls: topic, inputs }` · `{ announced: id, results }` · `{ gone: id }` · `{ items: key, are }` (of each item the
 * fields that are named).
 */
export async function playScenario(scenario: Scenario, host: ScenarioHost): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const step of scenario.steps) {
    const finding = await playStep(step, host);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

async function playStep(step: JsonObject, host: ScenarioHost): Promise<Finding | null> {
  if ("advance" in step) return nothing(host.advance(Number(step["advance"])));
  if ("start" in step) {
    const failure = await host.start(text(step, "start"), jsonObjectOf(step["payload"]), jobId(text(step, "id")));
    await host.advance(0);
    return { step, expected: step["refused"] ?? null, found: failure?.code ?? null };
  }
  if ("signal" in step) {
    const failure = await host.signal(text(step, "signal"), jsonObjectOf(step["data"]), answerOf(step));
    await host.advance(0);
    return { step, expected: step["refused"] ?? null, found: failure?.code ?? null };
  }
  if ("interrupt" in step) {
    await host.interrupt(jobId(text(step, "interrupt")), step);
    return nothing(host.advance(0));
  }
  if ("calls" in step) return compared(step, step["inputs"], [...(host.calls.get(text(step, "calls")) ?? [])]);
  if ("announced" in step) {
    return compared(step, step["results"], [...(host.announced.get(text(step, "announced")) ?? [])]);
  }
  if ("gone" in step) return compared(step, null, (await host.job(jobId(text(step, "gone"))))?.phase ?? null);
  if ("items" in step) return expectItems(step, await host.items(text(step, "items")));
  return expectJob(step, await host.job(jobId(text(step, "expect"))));
}

function expectItems(step: JsonObject, items: readonly ScenarioItem[]): Finding {
  const { are } = step;
  const expected: readonly Json[] = Array.isArray(are) ? are : [];
  const found = items.map((item, index): Json => {
    const fields = Object.keys(jsonObjectOf(expected[index]));
    return Object.fromEntries(Object.entries(jsonObjectOf(item)).filter(([field]) => fields.includes(field)));
  });
  return { step, expected, found };
}

function expectJob(step: JsonObject, job: JobRecord | null): Finding {
  const found: Record<string, Json> = {};
  const expected: Record<string, Json> = {};
  const shown: Record<string, Json> =
    job === null
      ? { state: "not found" }
      : {
          data: jobOutput(job).data ?? null,
          status: job.status,
          state: job.phase,
          err: job.failure,
          version: job.version,
        };
  for (const field of ["data", "status", "state", "err", "version"]) {
    const value = step[field];
    if (value === undefined) continue;
    expected[field] = value;
    found[field] = shown[field] ?? null;
  }
  return { step, expected, found };
}

/** What the scenario's worker makes of a message, and after how long. */
export function workerAnswer(scenario: Scenario, message: OutgoingMessage, call: number): AnswerBody & { ms: number } {
  const topic = message.topic ?? "";
  const definition = Object.hasOwn(scenario.workers, topic) ? scenario.workers[topic] : {};
  const document = new Map<string, unknown>([
    ["input", message.body],
    ["topic", topic],
    ["call", call],
    ["attempt", message.attempt],
  ]);
  const environment = { root: (name: string) => document.get(name), now: 0, random: () => 0 };
  const mapped = jsonObjectOf(evaluate(compileMapping(definition), environment));
  const { status, code } = answerOf(mapped);
  const ms = typeof mapped["ms"] === "number" ? mapped["ms"] : 0;
  const data = jsonOf(mapped["data"]) ?? {};
  return { status, code, data: status === "error" ? errorData(data, code) : data, ms };
}

/** What a worker makes of the data of an error. */
function errorData(data: Json, code: number): JsonObject {
  const { message, code: own } = jsonObjectOf(data);
  return { message: typeof message === "string" ? message : "unknown", code: typeof own === "number" ? own : code };
}

function answerOf(source: JsonObject): Pick<AnswerBody, "status" | "code"> {
  const { status, code } = source;
  const known = status === "error" || status === "pending" ? status : "success";
  return { status: known, code: typeof code === "number" ? code : known === "error" ? 500 : 200 };
}

/** Scenarios of a parsed YAML file: a map with an optional shared `document` and a list `scenarios`. */
export function scenariosOf(file: unknown): readonly Scenario[] {
  const { document: shared, scenarios } = jsonObjectOf(file);
  if (!Array.isArray(scenarios)) throw new Error("a scenario file has a list `scenarios`");
  return scenarios.map((item: Json): Scenario => {
    const { name, document, workers, steps } = isJsonObject(item) ? item : {};
    const app = document ?? shared;
    if (typeof name !== "string" || typeof app !== "string" || !Array.isArray(steps)) {
      throw new Error(`a scenario has name, document and steps, got ${JSON.stringify(item).slice(0, 80)}`);
    }
    return {
      name,
      document: app,
      workers: jsonObjectOf(workers),
      steps: steps.map((step: Json) => jsonObjectOf(step)),
    };
  });
}

async function nothing(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

function compared(step: JsonObject, expected: Json | undefined, found: Json): Finding {
  return { step, expected: expected ?? null, found };
}

function text(step: JsonObject, name: string): string {
  const value = step[name];
  if (typeof value !== "string") throw new Error(`step ${JSON.stringify(step)}: ${name} must be text`);
  return value;
}

/** The options of a scenario's interrupt step. */
export function interruptBodyOf(options: JsonObject): InterruptBody {
  const { reason, code, expire } = options;
  return {
    reason: typeof reason === "string" ? reason : null,
    code: typeof code === "number" ? code : 410,
    throws: options["throw"] !== false,
    stack: "",
    expireSeconds: typeof expire === "number" ? expire : null,
    descend: options["descend"] === true,
  };
}
