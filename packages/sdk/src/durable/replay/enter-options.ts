import type { EntryBody, Json, JsonObject, RetryPolicy } from "@hotmesh/core";
import type { HotMesh } from "../../hotmesh.js";
import type { RecordedOperation } from "./history.js";

/** A function whose steps are recorded. */
export type WorkflowFunction = (...given: never[]) => unknown;

/**
 * What is compared on replay. `names`: kind and name of each operation; arguments that differ are warned of. `strict`:
 * the arguments as well. `off`: nothing.
 */
export type ReplayCheck = "names" | "strict" | "off";

/** What an entry of a function needs. */
export interface EnterOptions {
  readonly body: EntryBody;
  /** What is recorded of the function, in any order. */
  readonly records: readonly RecordedOperation[];
  readonly fn: WorkflowFunction;
  readonly arguments: readonly Json[];
  /** `names` unless given. */
  readonly replayCheck?: ReplayCheck;
  /** The job: the id of the workflow. */
  readonly jobId: string;
  /** Which of the jobs of that id it is: what is drawn in one of them is not drawn in another. */
  readonly generation: string;
  readonly namespace: string;
  /** For activities without one, when the workflow was started without one. */
  readonly workerPolicy?: RetryPolicy | null;
  /** False: an error now is the last one. */
  readonly canRetry?: boolean;
  readonly workflowTrace?: string;
  readonly workflowSpan?: string;
  /** What `workflow.getHotMesh()` gives. */
  readonly hotMesh?: HotMesh;
  /** What `workflowInfo().connection` gives. */
  readonly connection?: unknown;
  /** Told of what may be wrong. */
  readonly warn?: (message: string) => void;
  /** Records a span. */
  readonly trace?: (attributes: JsonObject) => void;
  /** Ends the entry early, with its reason: the answer would not count any more. */
  readonly signal?: AbortSignal;
  /**
   * How long the code may take, without being blocked by anything that is recorded, to ask for what the history has
   * next. 5,000.
   */
  readonly patienceMs?: number;
}
