import type { HookPayload } from "@hotmesh/core";
import { DurableFatalError } from "../errors.js";
import { retryPolicy, workflowRetries } from "../retry-config.js";
import type { HookOptions } from "../workflow-options.js";
import { hookTarget } from "../workflow-target.js";
import { sameNamespace } from "./children.js";
import { derivedId } from "./derived-id.js";
import type { Entry } from "./entry.js";
import { plainArguments } from "./plain-json.js";
import { durable } from "./scope.js";
import { storedFields } from "./stored-fields.js";
import { condition } from "./waiting.js";

/** A hook whose answer is waited for. */
export interface ExecHookOptions extends HookOptions {
  /** The id of the signal that is its answer; drawn unless given. */
  signalId?: string;
}

/** One hook of several, and the key of its answer. */
export interface ExecHookItem {
  /** Where its answer stands. */
  key: string;
  /** What is run. */
  options: ExecHookOptions;
}

/** Runs another function inside a job, beside its main one. Resolves with an id at once. */
export function hook(options: HookOptions): Promise<string> {
  return durable("hook", async ({ entry }) => {
    const payload = payloadOf(entry, options);
    const n = entry.take();
    const { workflowName: name, arguments: given } = payload;
    const value = derivedId(entry, n);
    const request = { kind: "hook", payload, value } as const;
    const id = await entry.effect(
      { kind: "hook", name, arguments: given, n },
      (common) => ({ ...common, ...request }),
      { value },
    );
    return String(id);
  });
}

/**
 * Runs another function inside a job, and waits for its answer: the function gets `{ signal, $durable: true }` as its
 * last argument, and answers with `workflow.signal(signal, value)`.
 */
export function execHook<Answer = unknown>(options: ExecHookOptions): Promise<Answer> {
  return durable("execHook", async ({ entry }) => {
    const { hooked, signalId } = runHook(entry, options);
    const answered = condition<Answer>(signalId);
    await hooked;
    return (await answered) as Answer;
  });
}

/** Runs several functions inside a job at once, and resolves with their answers by their keys. */
export function execHookBatch<Answers extends object = Record<string, unknown>>(
  items: readonly ExecHookItem[],
): Promise<Answers> {
  return durable("execHookBatch", async ({ entry }) => {
    const begun = items.map(({ key, options }) => ({ key, ...runHook(entry, options) }));
    const waits = begun.map(({ key, hooked, signalId }) => ({ key, hooked, answered: condition(signalId) }));
    const answers = await Promise.all(
      waits.map(async ({ key, hooked, answered }) => {
        await hooked;
        return [key, await answered] as const;
      }),
    );
    return Object.fromEntries(answers) as Answers;
  });
}

function runHook(entry: Entry, options: ExecHookOptions) {
  const { signalId = derivedId(entry, entry.counter + 1), ...given } = options;
  const hooked = hook({ ...given, args: [...given.args, { signal: signalId, $durable: true }] });
  return { hooked, signalId };
}

function payloadOf(entry: Entry, options: HookOptions): HookPayload {
  const { body } = entry;
  const { entity, search } = options;
  sameNamespace(entry, options.namespace);
  const isNamed = options.taskQueue !== undefined || entity !== undefined;
  const { taskQueue, workflowName } = hookTarget({
    ...options,
    ...(!isNamed && { taskQueue: body.taskQueue }),
    workflowName: options.workflowName ?? body.workflowName,
  });
  if (!isNamed && workflowName === body.workflowName) {
    const found = `function ${workflowName} of queue ${taskQueue} would run itself as a hook`;
    const advice = "say which is meant with `taskQueue` or `entity`";
    throw new DurableFatalError(`Durable Hook Error: Potential infinite loop detected! ${found}; ${advice}`);
  }
  return {
    job: options.workflowId ?? entry.options.jobId,
    workflowName,
    taskQueue,
    arguments: plainArguments(options.args, "an argument of a hook"),
    policy: retryPolicy(options.config, workflowRetries),
    ...(search?.data !== undefined && { fields: storedFields(search.data) }),
  };
}
