import { type DuressOptions, defaultDuress } from "@hotmesh/engine";
import { isLogLevel, type LogLevel } from "./logger.js";
import type { TelemetryLevel } from "./telemetry/tracing.js";

/** The documented variables, as far as the HotMesh class itself obeys them. `0` is a value. */
export interface Environment {
  readonly logLevel: LogLevel;
  readonly telemetry: TelemetryLevel;
  readonly guidSize: number;
  readonly resultTimeoutMs: number;
  readonly retentionSeconds: number;
  readonly signalKeepMs: number;
  readonly cyclesMax: number;
  readonly poisonThreshold: number;
  readonly leaseMs: number;
  readonly leaseCapMs: number;
  readonly workerConcurrency: number;
  readonly engineConcurrency: number;
  readonly pollMs: number;
  readonly duress: DuressOptions;
}

/** Looking without a pause would keep the storage busy with nothing. */
const pollMsMin = 25;
/** No callback would ever end within a shorter lease, and what is longer does not end at all. */
const leaseMsMin = 100;
const leaseMsMax = 4e12;

export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const number = (name: string, otherwise: number): number => {
    const text = variables[name];
    const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) && value >= 0 ? value : otherwise;
  };
  const level = variables["HMSH_LOGLEVEL"]?.trim().toLowerCase();
  const telemetry = variables["HMSH_TELEMETRY"]?.trim().toLowerCase();
  const polls = variables["HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS"] === "true";
  return {
    logLevel: isLogLevel(level) ? level : "warn",
    telemetry: telemetry === "debug" ? "debug" : "info",
    // Below 8 characters ids of one app would soon be drawn twice.
    guidSize: Math.min(32, Math.max(8, Math.floor(number("HMSH_GUID_SIZE", 22)))),
    resultTimeoutMs: number("HMSH_OTT_WAIT_TIME", 10_000),
    retentionSeconds: number("HMSH_EXPIRE_JOB_SECONDS", number("HMSH_EXPIRE_DURATION", 86_400)),
    signalKeepMs: 1_000 * number("HMSH_PENDING_SIGNAL_EXPIRE", 600),
    cyclesMax: number("HMSH_MAX_CYCLES", 10_000),
    poisonThreshold: number("HMSH_POISON_MESSAGE_THRESHOLD", 5),
    leaseMs: Math.round(Math.min(leaseMsMax, Math.max(leaseMsMin, 1_000 * number("HMSH_RESERVATION_TIMEOUT_S", 30)))),
    leaseCapMs: 1_000 * number("HMSH_RESERVATION_TIMEOUT_MAX_S", 1_800),
    workerConcurrency: atLeastOne(number("HMSH_BATCH_SIZE", 10)),
    engineConcurrency: atLeastOne(number("HMSH_ENGINE_CONCURRENCY", 1)),
    pollMs: Math.max(
      pollMsMin,
      // Without notifications polling is all there is.
      Math.min(number("HOTMESH_POSTGRES_FALLBACK_INTERVAL", 5_000), polls ? 500 : Number.POSITIVE_INFINITY),
    ),
    duress: duressOf(number),
  };
}

/** Nothing at once would be nothing ever. */
function atLeastOne(value: number): number {
  return Math.max(1, Math.floor(value));
}

function duressOf(number: (name: string, otherwise: number) => number): DuressOptions {
  const of = (name: string, key: keyof DuressOptions): number => number(`HMSH_DURESS_${name}`, defaultDuress[key]);
  return {
    alpha: Math.min(1, of("ALPHA", "alpha")),
    evaluateEvery: Math.max(1, Math.round(of("EVAL_INTERVAL", "evaluateEvery"))),
    healthyCeilingMs: of("HEALTHY_CEILING_MS", "healthyCeilingMs"),
    mildCeilingMs: of("MILD_CEILING_MS", "mildCeilingMs"),
    moderateCeilingMs: of("MODERATE_CEILING_MS", "moderateCeilingMs"),
    broadcastMs: of("BROADCAST_INTERVAL_MS", "broadcastMs"),
    hysteresis: of("HYSTERESIS_COUNT", "hysteresis"),
  };
}
