import { durable } from "./scope.js";

/**
 * True in workflows that come to this place for the first time since the code has it, and ever after in the same ones;
 * false in those that were beyond it before.
 */
export function patched(changeId: string): Promise<boolean> {
  return durable("patched", async ({ entry }) => {
    // What was told once in an entry holds for all of it.
    const isPatched = entry.patches.get(changeId) ?? !entry.isReplay;
    entry.patches.set(changeId, isPatched);
    return isPatched;
  });
}

/** Says that no workflow needs the old code any more. Does nothing. */
export function deprecatePatch(_changeId: string): void {}
