import { expect, test } from "vitest";
import { type Environment, readEnvironment } from "./environment.js";

test("without variables the documented defaults hold", () => {
  expect(readEnvironment({})).toEqual({
    logLevel: "warn",
    telemetry: "info",
    guidSize: 22,
    resultTimeoutMs: 10_000,
    retentionSeconds: 86_400,
    signalKeepMs: 600_000,
    cyclesMax: 10_000,
    poisonThreshold: 5,
    leaseMs: 30_000,
    leaseCapMs: 1_800_000,
    workerConcurrency: 10,
    engineConcurrency: 1,
    pollMs: 5_000,
    duress: {
      alpha: 0.3,
      evaluateEvery: 10,
      healthyCeilingMs: 200,
      mildCeilingMs: 1_000,
      moderateCeilingMs: 5_000,
      broadcastMs: 5_000,
      hysteresis: 3,
    },
  });
});

test("duress is measured as the environment says", () => {
  const { duress } = readEnvironment({
    HMSH_DURESS_ALPHA: "7",
    HMSH_DURESS_EVAL_INTERVAL: "0",
    HMSH_DURESS_HEALTHY_CEILING_MS: "1",
    HMSH_DURESS_MILD_CEILING_MS: "2",
    HMSH_DURESS_MODERATE_CEILING_MS: "3",
    HMSH_DURESS_BROADCAST_INTERVAL_MS: "0",
    HMSH_DURESS_HYSTERESIS_COUNT: "1",
  });

  expect(duress).toEqual({
    alpha: 1,
    evaluateEvery: 1,
    healthyCeilingMs: 1,
    mildCeilingMs: 2,
    moderateCeilingMs: 3,
    broadcastMs: 0,
    hysteresis: 1,
  });
});

const rows: readonly [variable: string, field: keyof Environment, text: string, value: unknown][] = [
  ["HMSH_LOGLEVEL", "logLevel", "debug", "debug"],
  ["HMSH_LOGLEVEL", "logLevel", "ERROR", "error"],
  ["HMSH_TELEMETRY", "telemetry", "debug", "debug"],
  ["HMSH_GUID_SIZE", "guidSize", "8", 8],
  ["HMSH_GUID_SIZE", "guidSize", "33", 32],
  ["HMSH_GUID_SIZE", "guidSize", "0", 8],
  ["HMSH_OTT_WAIT_TIME", "resultTimeoutMs", "250", 250],
  ["HMSH_EXPIRE_JOB_SECONDS", "retentionSeconds", "60", 60],
  ["HMSH_EXPIRE_DURATION", "retentionSeconds", "61", 61],
  ["HMSH_PENDING_SIGNAL_EXPIRE", "signalKeepMs", "2", 2_000],
  ["HMSH_MAX_CYCLES", "cyclesMax", "3", 3],
  ["HMSH_POISON_MESSAGE_THRESHOLD", "poisonThreshold", "2", 2],
  ["HMSH_RESERVATION_TIMEOUT_S", "leaseMs", "5", 5_000],
  ["HMSH_RESERVATION_TIMEOUT_S", "leaseMs", "0.5", 500],
  ["HMSH_RESERVATION_TIMEOUT_S", "leaseMs", "0.3333", 333],
  ["HMSH_RESERVATION_TIMEOUT_S", "leaseMs", "1e30", 4e12],
  ["HMSH_RESERVATION_TIMEOUT_MAX_S", "leaseCapMs", "60", 60_000],
  ["HMSH_BATCH_SIZE", "workerConcurrency", "4", 4],
  ["HMSH_ENGINE_CONCURRENCY", "engineConcurrency", "4", 4],
  ["HOTMESH_POSTGRES_FALLBACK_INTERVAL", "pollMs", "800", 800],
];

test.for(rows)("%s is %s", ([variable, field, text, value]) => {
  const read = readEnvironment({ [variable]: text });

  expect(read).toEqual({ ...readEnvironment({}), [field]: value });
});

test("the job's retention has two names, and its own comes first", () => {
  const both = { HMSH_EXPIRE_JOB_SECONDS: "0", HMSH_EXPIRE_DURATION: "61" };

  expect(readEnvironment(both).retentionSeconds).toBe(0);
});

const zeros: readonly [variable: string, field: keyof Environment, value: number][] = [
  ["HMSH_OTT_WAIT_TIME", "resultTimeoutMs", 0],
  ["HMSH_EXPIRE_JOB_SECONDS", "retentionSeconds", 0],
  ["HMSH_EXPIRE_DURATION", "retentionSeconds", 0],
  ["HMSH_PENDING_SIGNAL_EXPIRE", "signalKeepMs", 0],
  ["HMSH_MAX_CYCLES", "cyclesMax", 0],
  ["HMSH_POISON_MESSAGE_THRESHOLD", "poisonThreshold", 0],
  ["HMSH_RESERVATION_TIMEOUT_MAX_S", "leaseCapMs", 0],
  // As little as there can be of it.
  ["HMSH_RESERVATION_TIMEOUT_S", "leaseMs", 100],
  ["HMSH_BATCH_SIZE", "workerConcurrency", 1],
  ["HMSH_ENGINE_CONCURRENCY", "engineConcurrency", 1],
  ["HOTMESH_POSTGRES_FALLBACK_INTERVAL", "pollMs", 25],
];

test.each(zeros)("%s may be 0", (variable, field, value) => {
  expect(readEnvironment({ [variable]: "0" })[field]).toBe(value);
});

test.each([...new Set(rows.map(([variable]) => variable))])("%s is not heeded when it makes no sense", (variable) => {
  for (const text of ["", " ", "many", "-1"]) {
    expect(readEnvironment({ [variable]: text })).toEqual(readEnvironment({}));
  }
});

test("without notifications everything is looked for twice a second", () => {
  expect(readEnvironment({ HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS: "true" }).pollMs).toBe(500);
});

test("variables that mean nothing here, and NODE_ENV, change nothing", () => {
  const names = [
    ...["HMSH_FIDELITY_SECONDS", "HMSH_BLOCK_TIME_MS", "HMSH_MAX_RETRIES", "HMSH_MAX_TIMEOUT_MS"],
    ...["HMSH_GRADUATED_INTERVAL_MS", "HMSH_XCLAIM_COUNT", "HMSH_XCLAIM_DELAY_MS", "HMSH_XPENDING_COUNT"],
    ...["HMSH_BATCH_SIZE_MIN", "HMSH_SCOUT_INTERVAL_SECONDS", "HMSH_ROUTER_SCOUT_INTERVAL_MS"],
    ...["HMSH_NOTIFY_PAYLOAD_LIMIT", "HMSH_DEPLOYMENT_PAUSE", "MAX_STREAM_BACKOFF", "INITIAL_STREAM_BACKOFF"],
  ];
  const set = { ...Object.fromEntries(names.map((name) => [name, "1"])), NODE_ENV: "test" };

  expect(readEnvironment(set)).toEqual(readEnvironment({}));
});
