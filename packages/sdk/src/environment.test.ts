import { expect, test } from "vitest";
import { readEnvironment } from "./environment.js";

test("without variables the documented defaults hold", () => {
  expect(readEnvironment({})).toEqual({
    logLevel: "warn",
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

test("0 is a value, and what is no number is none", () => {
  const read = readEnvironment({ HMSH_OTT_WAIT_TIME: "0", HMSH_BATCH_SIZE: "many", HMSH_EXPIRE_DURATION: "60" });

  expect([read.resultTimeoutMs, read.workerConcurrency, read.retentionSeconds]).toEqual([0, 10, 60]);
});

test("without notifications everything is looked for twice a second", () => {
  expect(readEnvironment({ HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS: "true" }).pollMs).toBe(500);
});
