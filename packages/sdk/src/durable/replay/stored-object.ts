import type { Json, StoredRequest } from "@hotmesh/core";
import { plainArguments } from "./plain-json.js";
import { errorOf } from "./recorded-error.js";
import { durable, scopeOf } from "./scope.js";

/** What is stored with the job, as one object of a function works on it. */
export interface StoredObject {
  /** Applies a method, once per history, and resolves with its result. */
  operate(method: string, ...given: readonly unknown[]): Promise<Json | undefined>;
}

/** An object that works on what is stored with the job. Takes one counter value; its calls count by themselves. */
export function storedObject(kind: StoredRequest["kind"]): StoredObject {
  const n = scopeOf(kind).entry.take();
  let calls = 0;
  return {
    operate: (method, ...given) =>
      durable(`${kind}.${method}`, async ({ entry }) => {
        const what = plainArguments(given, `an argument of ${kind}.${method}`);
        calls += 1;
        const place = calls;
        const { data, $error } = await entry.ask({ kind, name: method, arguments: what, n, place }, (common) => ({
          ...common,
          kind,
          method,
          arguments: what,
          place,
        }));
        if ($error !== undefined) throw errorOf($error);
        return data;
      }),
  };
}
