import { HotMeshError, parseSeconds, type RetryPolicy } from "@hotmesh/core";
import type { ConnectedConfig, HotMeshConfig, HotMeshWorker, RetryPolicyConfig } from "./config.js";
import { isLogLevel } from "./logger.js";

const names = /^[A-Za-z0-9-]+$/;

/** Throws `invalid-config` for the first thing that is wrong. Connections are checked when they are opened. */
export function checkConfig(config: HotMeshConfig): void {
  if (!isMap(config)) throw invalid(`config is ${shown(config)}; expected a map with appId and engine or workers`);
  if (config.engine !== undefined && !isMap(config.engine)) {
    throw invalid(`config.engine is ${shown(config.engine)}; expected a map with connection`);
  }
  if (config.workers !== undefined && !Array.isArray(config.workers)) {
    throw invalid(`config.workers is ${shown(config.workers)}; expected a list of workers`);
  }
  const { namespace = "hmsh", appId, engine, workers = [], drainMs, logLevel } = config;
  if (!isName(namespace)) throw invalid(`config.namespace [${namespace}] is invalid`);
  if (!isName(appId)) throw invalid(`config.appId [${appId}] is invalid`);
  if (appId === "a") throw invalid("config.appId [a] is reserved");
  if (engine === undefined && workers.length === 0) {
    throw invalid("config has neither engine nor workers; expected at least one of them");
  }
  if (drainMs !== undefined) checkNumber("config.drainMs", drainMs, 0);
  if (logLevel !== undefined && !isLogLevel(logLevel)) {
    throw invalid(`config.logLevel is ${shown(logLevel)}; expected silly, debug, info, warn, error or silent`);
  }
  if (engine !== undefined) {
    checkConnected("config.engine", engine);
    if (engine.retention !== undefined && parseSeconds(engine.retention) === undefined) {
      throw invalid(
        `config.engine.retention is ${shown(engine.retention)}; expected seconds or a duration such as '2h'`,
      );
    }
  }
  workers.forEach((worker, index) => {
    checkWorker(`config.workers[${index}]`, worker);
  });
}

/** The policy of an engine or a worker, its gaps filled with the defaults; null: none was given. */
export function policyOf(config: Pick<ConnectedConfig, "retry" | "retryPolicy">): RetryPolicy | null {
  const given = config.retryPolicy ?? config.retry;
  if (given === undefined) return null;
  const { maximumAttempts = 3, backoffCoefficient = 10, maximumInterval = "120s" } = given;
  const maximumIntervalSeconds = parseSeconds(maximumInterval) ?? 120;
  const initialIntervalSeconds = parseSeconds(given.initialInterval) ?? 1;
  return { maximumAttempts, backoffCoefficient, maximumIntervalSeconds, initialIntervalSeconds };
}

function checkWorker(path: string, worker: HotMeshWorker): void {
  if (!isMap(worker)) throw invalid(`${path} is ${shown(worker)}; expected a map with topic, callback and connection`);
  if (typeof worker.topic !== "string" || worker.topic === "") {
    throw invalid(`${path}.topic is missing; expected the topic of a worker activity`);
  }
  if (typeof worker.callback !== "function") {
    throw invalid(`${path}.callback is missing; expected a function that answers a message`);
  }
  if (worker.workerCredentials !== undefined) checkCredentials(path, worker);
  checkConnected(path, worker);
}

function checkCredentials(path: string, { workerCredentials, backend }: HotMeshWorker): void {
  const { user, password } = workerCredentials ?? {};
  if (backend !== undefined) throw invalid(`${path}.workerCredentials need a connection; a backend has its own login`);
  if (typeof user === "string" && user !== "" && typeof password === "string") return;
  throw invalid(`${path}.workerCredentials must have user and password, the login of a worker role`);
}

function checkConnected(path: string, config: ConnectedConfig): void {
  if (config.concurrency !== undefined) checkNumber(`${path}.concurrency`, config.concurrency, 1);
  if (config.retryPolicy !== undefined) checkPolicy(`${path}.retryPolicy`, config.retryPolicy);
  if (config.retry !== undefined) checkPolicy(`${path}.retry`, config.retry);
}

function checkPolicy(path: string, policy: RetryPolicyConfig): void {
  if (!isMap(policy)) throw invalid(`${path} is ${shown(policy)}; expected a map such as { maximumAttempts: 5 }`);
  const { maximumAttempts, backoffCoefficient, initialInterval, maximumInterval } = policy;
  if (maximumAttempts !== undefined) checkNumber(`${path}.maximumAttempts`, maximumAttempts, 1);
  if (backoffCoefficient !== undefined && !(Number.isFinite(backoffCoefficient) && backoffCoefficient > 0)) {
    throw invalid(`${path}.backoffCoefficient is ${shown(backoffCoefficient)}; expected a number above 0`);
  }
  for (const [name, value] of Object.entries({ initialInterval, maximumInterval })) {
    if (value === undefined || parseSeconds(value) !== undefined) continue;
    throw invalid(`${path}.${name} is ${shown(value)}; expected seconds or a duration such as '30s'`);
  }
}

function checkNumber(path: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && Number(value) >= least) return;
  throw invalid(`${path} is ${shown(value)}; expected an integer of at least ${least}`);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && names.test(value);
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "a map";
  return typeof value === "string" ? `'${value}'` : String(value);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-config", message);
}
