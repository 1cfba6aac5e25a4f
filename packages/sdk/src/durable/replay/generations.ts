import { CancelledFailure } from "../errors.js";
import { plainArguments } from "./plain-json.js";
import { never } from "./recorded-error.js";
import { durable, inScope, scopeOf } from "./scope.js";

/** Begins the function anew, under the same id, with an empty history. Code after it never runs. */
export function continueAsNew(...args: readonly unknown[]): Promise<never> {
  return durable("continueAsNew", async ({ entry, isShielded }) => {
    if (entry.body.cancelled && !isShielded) throw new CancelledFailure();
    const given = plainArguments(args, "an argument of continueAsNew");
    entry.take();
    entry.end({ kind: "continued", arguments: given });
    return never();
  });
}

/** What cancellation does not reach. */
export const CancellationScope = {
  /** Runs clean-up: no operation in it meets the cancellation of the workflow. */
  nonCancellable<Result>(run: () => Promise<Result>): Promise<Result> {
    return durable("CancellationScope.nonCancellable", ({ entry }) =>
      inScope({ entry, isShielded: true }, async () => run()),
    );
  },
} as const;

/** `Promise.all`, of its arguments. */
export function all<Parts extends readonly unknown[]>(
  ...parts: Parts
): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  scopeOf("all");
  return Promise.all(parts);
}
