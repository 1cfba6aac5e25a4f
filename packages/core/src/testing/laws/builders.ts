import { address, after, generationId, jobId, messageKey, type PathText, pathText } from "../../brand.js";
import type { Json } from "../../json.js";
import type { Backend } from "../../ports/backend.js";
import type { AnswerBody, Lease, OutgoingMessage, Settlement } from "../../ports/message.js";
import type { EscalationOpening, HookRecord, JobRecord, PassWrite, SignalDispatch } from "../../ports/records.js";
import type { StepReport } from "../../ports/store.js";
import { type Ledger, ledger, type Reaction } from "./ledger.js";

export const topic = "work.done";
export const workPath = pathText("work,0,0");

/** An engine message of kind `note` about no job, to be changed at will. */
export function message(key: string, change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    key: messageKey(key),
    topic: null,
    kind: "note",
    job: null,
    generation: null,
    path: null,
    body: null,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
    ...change,
  };
}

/** An engine message about a job. */
export function note(job: JobRecord, key: string, change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return message(key, { job: job.id, generation: job.generation, ...change });
}

/** A message for the workers of `topic`, about a job. */
export function work(job: JobRecord, key: string, change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return note(job, key, { topic, kind: "work", path: workPath, body: { input: key }, ...change });
}

/** An event that starts a job; the body may set fields of its record. */
export function opening(id: string, body: Json = {}): OutgoingMessage {
  return message(`open ${id}`, { kind: "open", job: jobId(id), generation: generationId(`generation of ${id}`), body });
}

/** An event that ends a job. */
export function closing(job: JobRecord, change: Partial<JobRecord> = {}): OutgoingMessage {
  const body: Json = JSON.parse(JSON.stringify({ status: 0, phase: "completed", ...change }));
  return note(job, `close ${job.id}`, { kind: "close", body });
}

export function pass(job: JobRecord, change: Partial<PassWrite> = {}): PassWrite {
  return {
    job: job.id,
    generation: job.generation,
    activity: "work",
    address: address(",0,0"),
    type: "worker",
    topic,
    open: false,
    output: { done: true },
    hook: null,
    metadata: { code: 200 },
    input: null,
    inputOf: null,
    startedAt: job.createdAt,
    completedAt: job.createdAt,
    ...change,
  };
}

export function hook(job: JobRecord, key: string, path: PathText = pathText("wait,0,0")): HookRecord {
  const { id, generation, createdAt } = job;
  return { job: id, generation, path, topic: "order.approved", key, openedAt: createdAt, timeoutAt: null };
}

/** A pending work item of a job. */
export function item(job: JobRecord, wait: string, change: Partial<EscalationOpening> = {}): EscalationOpening {
  return {
    wait,
    key: "k",
    topic: "order.approved",
    job: job.id,
    role: null,
    type: null,
    subtype: null,
    entity: null,
    description: null,
    priority: 5,
    metadata: null,
    envelope: null,
    originId: null,
    parentId: null,
    initiatedBy: null,
    traceId: null,
    spanId: null,
    taskQueue: null,
    workflowType: null,
    expiresAt: null,
    closed: null,
    ...change,
  };
}

/** A signal that closes waits and is kept for ten minutes. */
export function signal(id: string, job: JobRecord, change: Partial<SignalDispatch> = {}): SignalDispatch {
  return {
    topic: "order.approved",
    keys: ["k"],
    body: { said: id },
    kept: { kept: id },
    closes: true,
    keepUntil: after(job.createdAt, 600_000),
    id: messageKey(id),
    ...change,
  };
}

export const success = (data: Json = {}): AnswerBody => ({ status: "success", code: 200, data });

export function answer(lease: Lease, body: AnswerBody = success()): Settlement {
  return { lease, outcome: { kind: "answer", answer: body } };
}

/** Starts a job in a step of its own. */
export async function opened<Tx>(backend: Backend<Tx>, id: string, body: Json = {}): Promise<JobRecord> {
  const report = await backend.store.step({ limit: 0, events: [opening(id, body)] }, ledger());
  const verdict = report.verdicts[0];
  if (verdict?.outcome !== "applied" || verdict.job === null) throw new Error(`${id} did not start`);
  return verdict.job;
}

/** A step that does what it is told, as an event of the job, which writes it down. */
export function act<Tx>(backend: Backend<Tx>, job: JobRecord, reaction: Reaction): Promise<StepReport> {
  return actBy(backend, job, ledger({ act: () => reaction }));
}

/** The step of {@link act}, with a program that has a reaction to `act`. */
export function actBy<Tx>(backend: Backend<Tx>, job: JobRecord, program: Ledger): Promise<StepReport> {
  return backend.store.step({ limit: 0, events: [message("act", { kind: "act", job: job.id })] }, program);
}

/** Leases due messages of `topic` for ten seconds. */
export async function leases<Tx>(backend: Backend<Tx>, limit = 10): Promise<readonly Lease[]> {
  return (await backend.stream.claim({ topic, limit, leaseMs: 10_000, holder: "a worker" })).leases;
}

/** The one lease there is to get. */
export async function onlyLease<Tx>(backend: Backend<Tx>): Promise<Lease> {
  const [lease, another] = await leases(backend);
  if (lease === undefined || another !== undefined) throw new Error("expected exactly one lease");
  return lease;
}

export async function readJob<Tx>(backend: Backend<Tx>, job: { readonly id: JobRecord["id"] }): Promise<JobRecord> {
  const found = await backend.store.readJob(job.id);
  if (found === null) throw new Error(`${job.id} is not there`);
  return found;
}
