import { expect, test } from "vitest";
import { lease, policy } from "./lease.suite.js";
import { deliveriesMax, retryDelayMs } from "./retry-delay.js";

function delays(over: Parameters<typeof lease>[0], fallback: Parameters<typeof retryDelayMs>[2] = null, code = 500) {
  const found: (number | null)[] = [];
  for (let attempt = 0; found.at(-1) !== null; attempt += 1)
    found.push(retryDelayMs(lease({ ...over, attempt }), code, fallback));
  return found;
}

test("S31 the wait before retry n is the coefficient to the n, in seconds", () => {
  const two = policy({ maximumAttempts: 6, backoffCoefficient: 2 });

  expect(delays({ policy: two })).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, null]);
});

test("S28 S29 the defaults give 10 s and 100 s", () => {
  expect(delays({ policy: policy() })).toEqual([10_000, 100_000, null]);
});

test("S30 no wait is longer than the maximum interval", () => {
  const capped = policy({ maximumAttempts: 4, backoffCoefficient: 3, maximumIntervalSeconds: 5 });

  expect(delays({ policy: capped })).toEqual([3_000, 5_000, 5_000, null]);
});

test("a wait is no longer than there is time, and what is no number is none", () => {
  const long = policy({ maximumAttempts: 3, backoffCoefficient: 1e300, maximumIntervalSeconds: 1e300 });
  const none = policy({ maximumAttempts: 3, backoffCoefficient: 1e300, initialIntervalSeconds: 0 });
  const back = policy({ maximumAttempts: 3, backoffCoefficient: -2 });

  expect(delays({ policy: long })).toEqual([4e15, 4e15, null]);
  expect(delays({ policy: none })).toEqual([0, 0, null]);
  expect(delays({ policy: back })).toEqual([0, 4_000, null]);
});

test("reserved inputs scale the wait by their initial interval", () => {
  const reserved = policy({ maximumAttempts: 3, backoffCoefficient: 2, initialIntervalSeconds: 0.5 });

  expect(delays({ policy: reserved })).toEqual([1_000, 2_000, null]);
});

test("S26 the policy on the message comes before the worker's", () => {
  const stamped = policy({ maximumAttempts: 1 });

  expect(delays({ policy: stamped }, policy({ maximumAttempts: 9 }))).toEqual([null]);
});

test("S27 the worker's policy serves messages without one, before the retries by code", () => {
  const own = policy({ maximumAttempts: 2, backoffCoefficient: 2 });

  expect(delays({ codeRetries: [{ code: "500", retries: 9 }] }, own)).toEqual([2_000, null]);
});

test("retries by code are for exactly that code, 10 ms first and never more than 10 s", () => {
  const codeRetries = [{ code: "503", retries: 5 }];

  expect(delays({ codeRetries }, null, 503)).toEqual([10, 100, 1_000, 10_000, 10_000, null]);
  expect(delays({ codeRetries }, null, 500)).toEqual([null]);
});

test("without any policy there is one attempt", () => {
  expect(delays({})).toEqual([null]);
});

test("a message counts as poison only after all its planned attempts, and never before the threshold", () => {
  expect(deliveriesMax(lease(), null, 5)).toBe(5);
  expect(deliveriesMax(lease({ policy: policy({ maximumAttempts: 51 }) }), null, 5)).toBe(51);
  expect(deliveriesMax(lease({ codeRetries: [{ code: "503", retries: 8 }] }), null, 5)).toBe(9);
});
