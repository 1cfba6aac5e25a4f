import { AsyncLocalStorage } from "node:async_hooks";
import { HotMeshError } from "@hotmesh/core";
import type { Entry } from "./entry.js";
import { never } from "./recorded-error.js";

/** Where code runs inside a workflow function. */
export interface Scope {
  readonly entry: Entry;
  /** It is clean-up: no cancellation ends it. */
  readonly isShielded: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Runs code as part of a workflow function. */
export function inScope<Result>(scope: Scope, run: () => Result): Result {
  return scopes.run(scope, run);
}

/** The workflow function around the caller. Throws, naming the call, when there is none. */
export function scopeOf(call: string): Scope {
  const scope = scopes.getStore();
  if (scope !== undefined) return scope;
  const where = "inside a workflow function, a hook function, or an interceptor of these";
  throw new HotMeshError("no-workflow", `${call} is to be called ${where}; none runs around this call`);
}

/**
 * Runs a durable call. Its promise may be left unwatched without harm to the process; when the entry is over it stays
 * pending, because nothing that the function does then counts.
 */
export function durable<Value>(call: string, run: (scope: Scope) => Promise<Value>): Promise<Value> {
  let scope: Scope;
  try {
    scope = scopeOf(call);
  } catch (error) {
    return Promise.reject(error);
  }
  if (scope.entry.isOver) return never();
  const promise = run(scope);
  promise.catch(() => {});
  return promise;
}
