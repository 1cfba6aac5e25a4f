import type { Address, GenerationId, Instant, JobId, LeaseToken, MessageKey, PathText, Topic } from "../../brand.js";
import type { Json } from "../../json.js";
import type { Plan } from "../../plan/plan.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type {
  Activation,
  CounterChange,
  HookRecord,
  JobRecord,
  PassRecord,
  SignalDispatch,
  VersionRecord,
} from "../../ports/records.js";
import type { EscalationState } from "../../ports/store.js";
import { Table } from "./table.js";

/** A stored message. */
export interface MessageRow {
  readonly message: OutgoingMessage;
  /** Insertion order, which decides between messages that are due at one instant. */
  readonly sequence: number;
  readonly createdAt: Instant;
  readonly dueAt: Instant;
  /** `held`: nobody answers now. `parked`, `dead`: kept for people to see. */
  readonly state: "ready" | "held" | "parked" | "dead";
  readonly reason: string | null;
  readonly lease: { readonly token: LeaseToken; readonly until: Instant; readonly holder: string | null } | null;
  readonly deliveries: number;
  /** When it was handed out last. */
  readonly leasedAt: Instant | null;
  /** Of a stored answer: the request it answers, whose body becomes the pass's input. */
  readonly request: {
    readonly key: MessageKey;
    readonly body: Json;
    readonly attempt: number;
    readonly startedAt: Instant | null;
  } | null;
}

/** A failed attempt that people can see. */
export interface AttemptRow {
  readonly request: OutgoingMessage;
  readonly failure: Json;
  readonly startedAt: Instant;
  readonly failedAt: Instant;
}

/** Which attempt a pass was answered by. */
export interface AnsweredRow {
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly attempt: number;
  readonly startedAt: Instant;
}

/** A signal that came before its hook. */
export interface KeptSignal {
  readonly key: string;
  readonly dispatch: SignalDispatch;
}

/** A change under a name of its own. */
export interface CounterRow {
  readonly id: string;
  readonly change: CounterChange;
}

/** `sequence`: the order in which items were opened, which decides between those of one instant. */
export interface EscalationRow {
  readonly item: EscalationState;
  readonly sequence: number;
}

export interface VersionRow {
  readonly record: VersionRecord;
  readonly sequence: number;
}

export interface Tables {
  readonly jobs: Table<JobRecord>;
  readonly passes: Table<PassRecord>;
  readonly messages: Table<MessageRow>;
  readonly attempts: Table<AttemptRow>;
  readonly answered: Table<AnsweredRow>;
  readonly hooks: Table<HookRecord>;
  readonly signals: Table<KeptSignal>;
  /** One row per change, so that two transactions can count at once. */
  readonly counters: Table<CounterRow>;
  /** They outlive their jobs: who decided what stays to be seen. */
  readonly escalations: Table<EscalationRow>;
  readonly plans: Table<Plan>;
  readonly versions: Table<VersionRow>;
  /** One row at most. */
  readonly activation: Table<Activation>;
}

export function emptyTables(): Tables {
  return {
    jobs: new Table(),
    passes: new Table({ job: (pass) => pass.job }),
    messages: new Table({ lane: (row) => laneOf(row.message.topic), job: (row) => row.message.job }),
    attempts: new Table({ job: (attempt) => attempt.request.job }),
    answered: new Table({ job: (row) => row.job }),
    hooks: new Table({ job: (hook) => hook.job, wait: (hook) => waitKey(hook.topic, hook.key) }),
    signals: new Table(),
    counters: new Table({ name: ({ change }) => change.name }),
    escalations: new Table({ key: ({ item }) => item.key, job: ({ item }) => item.job }),
    plans: new Table(),
    versions: new Table(),
    activation: new Table(),
  };
}

export function layered(tables: Tables): Tables {
  return {
    jobs: tables.jobs.layer(),
    passes: tables.passes.layer(),
    messages: tables.messages.layer(),
    attempts: tables.attempts.layer(),
    answered: tables.answered.layer(),
    hooks: tables.hooks.layer(),
    signals: tables.signals.layer(),
    counters: tables.counters.layer(),
    escalations: tables.escalations.layer(),
    plans: tables.plans.layer(),
    versions: tables.versions.layer(),
    activation: tables.activation.layer(),
  };
}

export function applied(tables: Tables): void {
  for (const table of Object.values(tables)) table.apply();
}

/** The engine stream, or a worker topic, as the value of an index. */
export function laneOf(topic: Topic | null): string {
  return topic === null ? "engine" : `worker/${topic}`;
}

export function waitKey(topic: Topic, key: string): string {
  return JSON.stringify([topic, key]);
}

export function passKey(pass: { readonly job: JobId; readonly activity: string; readonly address: Address }): string {
  return JSON.stringify([pass.job, pass.activity, pass.address]);
}

export function hookKey(hook: HookRecord): string {
  return JSON.stringify([hook.job, hook.path, hook.topic, hook.key]);
}

/** Due messages first, and of those the oldest first. */
export function byDueTime(a: MessageRow, b: MessageRow): number {
  return a.dueAt - b.dueAt || a.sequence - b.sequence;
}
