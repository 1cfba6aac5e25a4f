import { setImmediate as macrotask } from "node:timers/promises";
import type { EntryAnswer } from "@hotmesh/core";
import { throughInbound } from "../interceptors.js";
import { contextMap } from "./context-map.js";
import type { EnterOptions } from "./enter-options.js";
import { type Ending, Entry } from "./entry.js";
import { plainJson } from "./plain-json.js";
import { finalErrorOf } from "./recorded-error.js";
import { inScope } from "./scope.js";

/** A history that is longer than this is warned of. */
export const longHistory = 50_000;

const usualPatienceMs = 5_000;

/**
 * Enters a function from the top, gives it what is recorded, and resolves with what it asks for beyond that, or with
 * how it ended. Rejects with what is to be tried again by the policy of the message: an error of the function, unless
 * it came with requests, which are answered first; and code that does not fit its history.
 */
export async function enterFunction(options: EnterOptions): Promise<EntryAnswer> {
  const entry = new Entry(options);
  warnOfLength(entry);
  const { signal } = options;
  const abort = (): void => entry.end({ kind: "failed", error: signal?.reason });
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  else run(entry);
  try {
    return answerOf(entry, await replay(entry));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function run(entry: Entry): void {
  const { fn, arguments: given } = entry.options;
  const enter = async (): Promise<unknown> => fn(...(given as readonly never[]));
  const returned = inScope({ entry, isShielded: false }, () => throughInbound(contextMap(entry), enter));
  returned
    .then((value) => entry.end({ kind: "returned", value: plainJson(value, "what a workflow function returns") }))
    .catch((error: unknown) => entry.end({ kind: "threw", error }));
}

/**
 * Gives the function its outcomes one at a time, and lets it go on as far as it can in between: so it asks for the same
 * operations in the same order however many outcomes there were when it was entered.
 */
async function replay(entry: Entry): Promise<Ending> {
  for (;;) {
    // All microtasks, and with them whatever the function can do without an outcome, run before this is over.
    await macrotask();
    if (entry.ending !== null) return entry.ending;
    if (entry.deliver()) continue;
    const hasAll = entry.history.next() === null;
    if (hasAll && entry.isWaiting) entry.end({ kind: "blocked" });
    else if (hasAll || !entry.isWaiting) await entry.news();
    else await newsOrDoubt(entry);
  }
}

/** The function waits for something that comes later than an outcome which it has not asked for. */
async function newsOrDoubt(entry: Entry): Promise<void> {
  const { patienceMs = usualPatienceMs, replayCheck } = entry.options;
  const doubt = (): void => {
    const error = entry.unasked();
    if (error === null) return;
    if (replayCheck === "off") entry.skip();
    else entry.end({ kind: "failed", error });
  };
  const timer = setTimeout(doubt, patienceMs);
  await entry.news();
  clearTimeout(timer);
}

function answerOf(entry: Entry, ending: Ending): EntryAnswer {
  const { requests, history } = entry;
  const marked = [...entry.patches].filter(([name, isMarked]) => isMarked && !entry.body.patches.includes(name));
  const answer: EntryAnswer = {
    seen: history.seen,
    requests: [...requests],
    ...(marked.length > 0 && { patches: marked.map(([name]) => name) }),
  };
  switch (ending.kind) {
    case "blocked":
      return answer;
    case "returned": {
      const { value } = ending;
      return { ...answer, end: { kind: "returned", ...(value !== undefined && { value }) } };
    }
    case "continued":
      return { ...answer, end: { kind: "continued", arguments: ending.arguments } };
    case "failed":
      throw ending.error;
    case "threw": {
      const error = finalErrorOf(ending.error);
      if (error !== null) return { ...answer, end: { kind: "failed", error } };
      // One less than was seen: the function is entered again at once, and throws then.
      if (entry.hasFreshRequests) return { ...answer, seen: history.seen - 1 };
      throw ending.error;
    }
  }
}

function warnOfLength({ history, options }: Entry): void {
  if (history.length <= longHistory) return;
  const { jobId, body } = options;
  const found = `function ${body.workflowName} in job ${jobId} has ${history.length} records`;
  options.warn?.(`${found}, and every entry goes through all of them; continueAsNew begins a new history`);
}
