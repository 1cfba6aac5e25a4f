import type { OperationRecord } from "@hotmesh/core";
import type { HotMesh } from "../../hotmesh.js";
import { type WorkflowContext, workflowContext } from "./context-map.js";
import { invalid } from "./recorded-error.js";
import { durable, scopeOf } from "./scope.js";

/** What is known of the function that runs, and where it is. */
export function workflowInfo(): WorkflowContext {
  return workflowContext(scopeOf("workflowInfo").entry);
}

/** The engine of the worker that runs the function. */
export function getHotMesh(): HotMesh {
  const { hotMesh } = scopeOf("getHotMesh").entry.options;
  if (hotMesh === undefined) throw invalid("the worker that runs this function has no engine of its own");
  return hotMesh;
}

/**
 * True until what the function does in this entry is stored, and false ever after: what it guards happens once per
 * position, unless the process dies in between.
 */
export function isSideEffectAllowed(_hotMesh: unknown, prefix: string): Promise<boolean> {
  return durable("isSideEffectAllowed", async ({ entry }) => {
    const n = entry.take();
    const isRecorded = entry.history.recordAt(n) !== undefined;
    // A span that nobody records: what stays of it is the mark.
    await entry.effect(
      { kind: "trace", name: prefix, arguments: {}, n },
      (common) => ({ ...common, kind: "trace", attributes: {}, value: true }),
      { value: true },
    );
    return !isRecorded;
  });
}

/** Whether something of the kind is recorded at the next position; the position; and what is recorded. */
export function didRun(prefix: string): Promise<[boolean, number, OperationRecord | undefined]> {
  return durable("didRun", async ({ entry }) => {
    const n = entry.take();
    const found = entry.history.recordAt(n);
    const record = found?.kind === prefix ? found.record : undefined;
    return [record !== undefined, n, record];
  });
}
