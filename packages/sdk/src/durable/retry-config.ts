import { HotMeshError, parseSeconds, type RetryPolicy } from "@hotmesh/core";

/** How often and when a failed function is tried again. */
export interface RetryConfig {
  /** Retries: a function is executed once more than that. */
  maximumAttempts?: number;
  /** The wait before retry n is `initialInterval · backoffCoefficient ^ n`. */
  backoffCoefficient?: number;
  /** A duration such as `'1s'`. */
  initialInterval?: string | number;
  /** The longest wait, a duration such as `'2 minutes'`. */
  maximumInterval?: string | number;
  /** False: whoever waits gets the error as a value. */
  throwOnError?: boolean;
}

/** What holds where a policy is silent. */
export type RetryDefaults = Readonly<Record<"retries" | "coefficient" | "initialSeconds" | "maximumSeconds", number>>;

/** Of workflow functions: start, hook and child. */
export const workflowRetries: RetryDefaults = {
  retries: 50,
  coefficient: 5,
  initialSeconds: 1,
  maximumSeconds: 120,
};

/** Of activities, when neither they nor their workflow have a policy. */
export const activityRetries: RetryDefaults = {
  retries: 5,
  coefficient: 10,
  initialSeconds: 1,
  maximumSeconds: 120,
};

/** The policy that is configured, its gaps filled; null: none is. Throws `invalid-argument` for what is none. */
export function retryPolicy(config: RetryConfig | undefined, defaults: RetryDefaults): RetryPolicy | null {
  const { maximumAttempts, backoffCoefficient, initialInterval, maximumInterval } = config ?? {};
  const given = [maximumAttempts, backoffCoefficient, initialInterval, maximumInterval];
  if (given.every((value) => value === undefined)) return null;
  return filled(config ?? {}, defaults);
}

/** The policy where nobody configured any. */
export function usualPolicy(defaults: RetryDefaults): RetryPolicy {
  return filled({}, defaults);
}

function filled(config: RetryConfig, defaults: RetryDefaults): RetryPolicy {
  const { maximumAttempts: retries = defaults.retries, backoffCoefficient = defaults.coefficient } = config;
  if (!Number.isInteger(retries) || retries < 0) {
    throw invalid("maximumAttempts", retries, "a number of retries, 0 or more");
  }
  if (!Number.isFinite(backoffCoefficient) || backoffCoefficient <= 0) {
    throw invalid("backoffCoefficient", backoffCoefficient, "a number above 0");
  }
  return {
    maximumAttempts: retries + 1,
    backoffCoefficient,
    initialIntervalSeconds: secondsOf("initialInterval", config.initialInterval, defaults.initialSeconds),
    maximumIntervalSeconds: secondsOf("maximumInterval", config.maximumInterval, defaults.maximumSeconds),
  };
}

function secondsOf(name: string, given: string | number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const seconds = parseSeconds(given);
  if (seconds === undefined) throw invalid(name, given, "a duration such as '30s'");
  return seconds;
}

function invalid(name: string, found: unknown, expected: string): HotMeshError {
  const shown = typeof found === "string" ? `'${found}'` : String(found);
  return new HotMeshError("invalid-argument", `${name} is ${shown}; expected ${expected}`);
}
