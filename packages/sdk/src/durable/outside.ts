import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs something as if nobody had called it. Engines and workers outlive the function or the activity that opens them,
 * and what they run is not part of it.
 */
export const outside: <Result>(run: () => Result) => Result = AsyncLocalStorage.snapshot();
