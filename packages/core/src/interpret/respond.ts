import type { MessageKey } from "../brand.js";
import { HotMeshError } from "../errors.js";
import { placed } from "../expression/evaluate-at.js";
import { wrapped } from "../job/exotic.js";
import { type Failure, failureData, failureOf } from "../job/failure.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { Draft } from "./draft.js";
import { evaluateExits, finishPass, noExits } from "./finish.js";
import { applyWrites, evaluateWrites, noWrites } from "./job-writes.js";
import { scopeOf } from "./scope.js";
import { selectEdges, selectEdgesSafely } from "./select-edges.js";
import type { Visit } from "./visit.js";

/** An answer to a pass: what came back, and where it is bound. */
export interface Response {
  readonly status: "success" | "error" | "pending";
  readonly code: number;
  readonly data: Json;
  /** Where a success or pending answer is bound. */
  readonly slot: "output" | "hook";
  readonly inputOf: MessageKey | null;
}

/**
 * Leg 2: binds the answer, selects the edges on the old job data, evaluates
 * `job.maps`, and ends the pass. What throws turns the answer into an error with code 500, once.
 */
export function respond(visit: Visit, response: Response): void {
  const { draft, activity, self } = visit;
  const { status, code, data, slot, inputOf } = response;
  if (status === "error") {
    fail(visit, { data, code }, inputOf);
    return;
  }
  const before = self[slot];
  self[slot] = wrapped(data);
  draft.exotic ||= self[slot] !== data;
  const environment = scopeOf(visit);
  const undo = draft.savepoint();
  try {
    const kids = selectEdges(activity, code, environment);
    applyWrites(draft, evaluateWrites(draft, activity, environment));
    const exits = evaluateExits(activity, environment);
    finishPass(visit, { kids, closes: status !== "pending", fatal: false, exits, inputOf });
  } catch (thrown) {
    undo();
    self[slot] = before;
    failBy(visit, thrown, inputOf);
  }
}

/** Refusals that have a code of their own: a child's graph refuses a payload, a work item with the key is pending. */
const refusals: ReadonlySet<string> = new Set(["payload-invalid", "escalation-pending"]);

/** An exception in an expression is an error answer with code 500. */
export function failBy(visit: Visit, thrown: unknown, inputOf: MessageKey | null = null): void {
  const isRefused = HotMeshError.is(thrown) && refusals.has(thrown.kind);
  const failure: Failure = {
    message: failureOf(placed(thrown, [visit.activity.id])).message,
    code: isRefused ? thrown.code : 500,
  };
  fail(visit, { data: failureData(failure), code: failure.code }, inputOf);
}

/** An error answer: routed by its code; when no edge takes it, the job fails. */
function fail(visit: Visit, error: { readonly data: Json; readonly code: number }, inputOf: MessageKey | null): void {
  const { draft, activity, self } = visit;
  const data: JsonObject = isJsonObject(error.data) ? error.data : { message: String(error.data) };
  self.metadata["err"] = JSON.stringify(data);
  self.metadata["$error"] = { ...data, is_stream_error: true };
  const environment = scopeOf(visit);
  const kids = selectEdgesSafely(activity, error.code, environment);
  let writes = noWrites;
  try {
    writes = evaluateWrites(draft, activity, environment);
  } catch {
    // It is being handled as an error already: a job.maps that throws writes nothing.
  }
  applyWrites(draft, writes);
  const fatal = kids.length === 0;
  if (fatal) failJob(draft, data, error.code);
  finishPass(visit, { kids, closes: true, fatal, exits: noExits, inputOf });
}

/** The first unhandled error is the job's; `done` and `$error` are stored where the graph declares them. */
function failJob(draft: Draft, data: JsonObject, code: number): void {
  const { is_stream_error: _, ...own } = data;
  const withCode = "code" in own ? own : { ...own, code };
  draft.failure ??= { ...withCode, is_stream_error: true };
  const message = typeof data["message"] === "string" ? data["message"] : "unknown";
  const stack = typeof data["stack"] === "string" ? data["stack"] : "";
  const offered = new Map<string, Json>([
    ["done", true],
    ["$error", { message, code: 597, stack }],
  ]);
  const leaves = draft.graph.jobFields.flatMap(([name = "", ...rest]) => {
    const value = rest.length === 0 ? offered.get(name) : undefined;
    return value === undefined ? [] : [{ path: [name], value }];
  });
  applyWrites(draft, { leaves, fields: [] });
}
