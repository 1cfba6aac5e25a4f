import { plain } from "../job/exotic.js";
import { keyOf } from "../job/keys.js";
import { jobOutput } from "../job/output.js";
import { pathOf, rootAddress } from "../job/path.js";
import type { Json, JsonObject } from "../json.js";
import type { AnswerBody } from "../ports/message.js";
import type { JobRecord } from "../ports/records.js";
import type { Draft } from "./draft.js";
import { traceOf } from "./leg.js";

/** Channel on which the one caller that waits for a job hears of it. */
export function resultChannel(waiter: string): string {
  return `result/${waiter}`;
}

/** Channel on which every announcement of a graph with `publishes` is heard, and of a job that somebody waits for. */
export const jobChannel = "job";

/**
 * Tells whom it concerns how far the job is: the awaiting parent, the caller in `pubsub`, the subscribers of
 * `publishes`. Parent and caller get one final answer; later ones go to the subscribers alone.
 */
export function announce(draft: Draft, state: { readonly final: boolean; readonly status: number }): void {
  const { record, graph } = draft;
  const isAwaited = record.waiter !== null && !draft.answered;
  if (!draft.answered) tellParent(draft, state.final);
  if (record.waiter !== null && isAwaited) publish(draft, state, resultChannel(record.waiter));
  if (graph.publishes !== null || isAwaited) publish(draft, state, jobChannel);
  if (state.final) draft.answered = true;
}

function publish(draft: Draft, state: { readonly final: boolean; readonly status: number }, channel: string): void {
  const { record, graph } = draft;
  const shown: JobRecord = { ...record, ...standing(draft), status: state.status };
  const output = jobOutput(shown, { ...draft.control, exotic: draft.exotic, persistent: draft.persistent });
  const body = { job: record.id, generation: record.generation, topic: graph.publishes, final: state.final };
  const document: Record<string, Json> = { metadata: output.metadata };
  if (output.data !== undefined) document["data"] = output.data;
  const told: Json = { ...body, output: document, failure: draft.failure };
  draft.effects.push({
    kind: "publish",
    publication: {
      channel,
      // A job that is over can be read. One that goes on would be another one by then, so its document is kept.
      ...(state.status > 0 ? { body: told, vouched: true } : { body }),
      local: { ...told, phase: draft.phase },
      ...(channel !== jobChannel && { exclusive: true }),
      // The one who waits hears of it elsewhere. This is for those who watch the mesh.
      ...(channel === jobChannel && graph.publishes === null && { patient: true }),
    },
  });
}

function standing(draft: Draft): Pick<JobRecord, "data" | "failure" | "phase" | "trace" | "updatedAt"> {
  return {
    data: draft.data,
    failure: draft.failure,
    phase: draft.phase,
    trace: draft.trace,
    updatedAt: draft.moment.now,
  };
}

function tellParent(draft: Draft, final: boolean): void {
  const { parent } = draft.record;
  if (parent === null || !parent.awaits) return;
  answerParent(draft, parentAnswer(draft, final));
}

function parentAnswer(draft: Draft, final: boolean): AnswerBody {
  const stored: JsonObject = draft.data ?? {};
  const data = draft.exotic ? plain(stored) : stored;
  if (!final) return { status: "pending", code: 202, data };
  if (draft.failure === null) return { status: "success", code: 200, data };
  const code = draft.failure["code"];
  return { status: "error", code: typeof code === "number" ? code : 500, data: draft.failure };
}

/** Sends an answer to the pass of the parent job that started this one. */
export function answerParent(draft: Draft, body: AnswerBody): void {
  const { record } = draft;
  if (record.parent === null) return;
  const root = pathOf(draft.graph.trigger, rootAddress);
  draft.effects.push({
    kind: "send",
    message: {
      key: keyOf({ generation: record.generation, path: root }, "result", draft.told),
      topic: null,
      kind: "complete",
      job: record.parent.job,
      generation: record.parent.generation,
      path: record.parent.path,
      body,
      visibleAt: null,
      attempt: 0,
      policy: null,
      codeRetries: [],
      workflow: null,
      trace: traceOf(draft),
    },
  });
  draft.told += 1;
}
