import { expect, test } from "vitest";
import { checkConfig, policyOf } from "./check-config.js";
import type { HotMeshConfig } from "./config.js";

const callback = async () => {};
const worker = { topic: "label.print", callback };

function messageOf(config: HotMeshConfig): string | null {
  try {
    checkConfig(config);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ kind: "invalid-config", code: 400 });
    return error instanceof Error ? error.message : "";
  }
}

test.each<[HotMeshConfig, string]>([
  [{ appId: "parcels", namespace: "a b", engine: {} }, "config.namespace [a b] is invalid"],
  [{ appId: "par_cels", engine: {} }, "config.appId [par_cels] is invalid"],
  [{ appId: "", engine: {} }, "config.appId [] is invalid"],
  [{ appId: "a", engine: {} }, "config.appId [a] is reserved"],
  [{ appId: "parcels" }, "config has neither engine nor workers; expected at least one of them"],
  [
    { appId: "parcels", workers: [worker, { ...worker, topic: "" }] },
    "config.workers[1].topic is missing; expected the topic of a worker activity",
  ],
  [
    { appId: "parcels", workers: [{ ...worker, concurrency: 0 }] },
    "config.workers[0].concurrency is 0; expected an integer of at least 1",
  ],
  [
    { appId: "parcels", engine: { retryPolicy: { maximumAttempts: 0.5 } } },
    "config.engine.retryPolicy.maximumAttempts is 0.5; expected an integer of at least 1",
  ],
  [
    { appId: "parcels", engine: { retry: { backoffCoefficient: -1 } } },
    "config.engine.retry.backoffCoefficient is -1; expected a number above 0",
  ],
  [
    { appId: "parcels", engine: { retryPolicy: { maximumInterval: "soon" } } },
    "config.engine.retryPolicy.maximumInterval is 'soon'; expected seconds or a duration such as '30s'",
  ],
  [
    { appId: "parcels", engine: { retention: "later" } },
    "config.engine.retention is 'later'; expected seconds or a duration such as '2h'",
  ],
])("%j is refused", (config, message) => {
  expect(messageOf(config)).toBe(message);
});

test("letters of any case, digits and dashes make a name", () => {
  expect(messageOf({ appId: "9lives--A", namespace: "prod-2", engine: {} })).toBeNull();
});

test("S28 S29 S30 the defaults fill what a given policy leaves out", () => {
  expect(policyOf({ retryPolicy: {} })).toEqual({
    maximumAttempts: 3,
    backoffCoefficient: 10,
    maximumIntervalSeconds: 120,
    initialIntervalSeconds: 1,
  });
  expect(policyOf({ retryPolicy: { maximumInterval: "2m" } })?.maximumIntervalSeconds).toBe(120);
  expect(policyOf({ retry: { maximumInterval: "30" } })?.maximumIntervalSeconds).toBe(30);
  expect(policyOf({ retry: { initialInterval: "100ms" } })?.initialIntervalSeconds).toBe(0.1);
});

test("retryPolicy counts before its alias, and without either there is no policy", () => {
  expect(policyOf({ retryPolicy: { maximumAttempts: 5 }, retry: { maximumAttempts: 9 } })?.maximumAttempts).toBe(5);
  expect(policyOf({})).toBeNull();
});
