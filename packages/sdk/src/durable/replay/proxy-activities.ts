import { type Json, type JsonObject, parseSeconds, type RetryPolicy } from "@hotmesh/core";
import { registerActivities } from "../activity-registry.js";
import { throughOutbound, type WorkflowOutboundCallsInterceptorContext } from "../interceptors.js";
import { activityRetries, type RetryConfig, retryPolicy, usualPolicy } from "../retry-config.js";
import type { ActivityConfig } from "./activity-config.js";
import { contextMap } from "./context-map.js";
import { plainArguments, plainObject } from "./plain-json.js";
import { errorOf, invalid, isCancelledRecord } from "./recorded-error.js";
import { durable, type Scope, scopeOf } from "./scope.js";

/** Functions, as their workflow calls them. */
export type ProxyType<Activities> = {
  [Name in keyof Activities]: Activities[Name] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Promise<Awaited<Result>>
    : never;
};

/** Activities of which nothing is said. */
export type AnyActivities = Record<string, (...given: unknown[]) => unknown>;

type Call = (...given: unknown[]) => Promise<unknown>;

/**
 * Activities, to be called like functions inside workflows. It has every name, so a type is enough for activities that
 * are executed elsewhere; it may be made anywhere.
 */
export function proxyActivities<Activities extends object = AnyActivities>(
  options: ActivityConfig = {},
): ProxyType<Activities> {
  if (options.activities !== undefined) registerActivities(options.activities);
  const calls = new Map<string, Call>();
  const proxy = new Proxy(Object.create(null) as ProxyType<Activities>, {
    get: (_, name) => {
      // A thing with `then` would be taken for a promise by `await`.
      if (typeof name === "symbol" || name === "then") return undefined;
      const call = calls.get(name) ?? callOf(name, options);
      calls.set(name, call);
      return call;
    },
  });
  return proxy;
}

function callOf(activityName: string, options: ActivityConfig): Call {
  return (...args) =>
    durable(activityName, ({ entry }) => {
      const call: WorkflowOutboundCallsInterceptorContext = { activityName, args, options: { ...options } };
      const request = (): Promise<unknown> => requestActivity(scopeOf(activityName), call);
      return throughOutbound(call, () => contextMap(entry), request);
    });
}

/** The call, as the interceptors have left it. */
async function requestActivity(
  { entry, isShielded }: Scope,
  { activityName, args, options = {} }: WorkflowOutboundCallsInterceptorContext,
): Promise<unknown> {
  const { body, options: entered } = entry;
  const given = plainArguments(args, `an argument of activity ${activityName}`);
  const n = entry.take();
  const topic = `${options.taskQueue ?? body.taskQueue}-activity`;
  const usual = body.policy ?? entered.workerPolicy ?? usualPolicy(activityRetries);
  const policy = policyOf(options.retry, usual);
  const message: JsonObject = {
    activityName,
    arguments: given,
    workflowId: `-${entered.jobId}-$${activityName}${body.dimension}-${n}`,
    workflowTopic: topic,
    ...(options.headers !== undefined && { headers: plainObject(options.headers, "headers") }),
    ...timeout(options),
  };
  const { data, $error } = await entry.ask(
    { kind: "proxy", name: activityName, arguments: given, n, isShielded },
    (common) => ({ ...common, kind: "proxy", topic, body: message, policy }),
  );
  if ($error === undefined) return data;
  if (options.retry?.throwOnError === false && !isCancelledRecord($error)) return { ...$error };
  throw errorOf($error);
}

/** What a call leaves open is that of its workflow. */
function policyOf(config: RetryConfig | undefined, usual: RetryPolicy): RetryPolicy {
  const policy = retryPolicy(config, {
    retries: usual.maximumAttempts - 1,
    coefficient: usual.backoffCoefficient,
    initialSeconds: usual.initialIntervalSeconds,
    maximumSeconds: usual.maximumIntervalSeconds,
  });
  return policy ?? usual;
}

function timeout({ startToCloseTimeout: given }: ActivityConfig): { readonly timeoutMs?: Json } {
  if (given === undefined) return {};
  const seconds = parseSeconds(given);
  if (seconds !== undefined) return { timeoutMs: seconds * 1_000 };
  throw invalid(`startToCloseTimeout is ${JSON.stringify(given)}; expected a duration such as '30s'`);
}
