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
  });
});

test("0 is a value, and what is no number is none", () => {
  const read = readEnvironment({ HMSH_OTT_WAIT_TIME: "0", HMSH_BATCH_SIZE: "many", HMSH_EXPIRE_DURATION: "60" });

  expect([read.resultTimeoutMs, read.workerConcurrency, read.retentionSeconds]).toEqual([0, 10, 60]);
});

test("without notifications everything is looked for twice a second", () => {
  expect(readEnvironment({ HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS: "true" }).pollMs).toBe(500);
});
