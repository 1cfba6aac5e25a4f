import { expect, test } from "vitest";
import { activityRetries, retryPolicy, usualPolicy, workflowRetries } from "./retry-config.js";

test("the usual policies are those of the table; executions are one more than retries", () => {
  expect([usualPolicy(workflowRetries), usualPolicy(activityRetries)]).toEqual([
    { maximumAttempts: 51, backoffCoefficient: 5, initialIntervalSeconds: 1, maximumIntervalSeconds: 120 },
    { maximumAttempts: 6, backoffCoefficient: 10, initialIntervalSeconds: 1, maximumIntervalSeconds: 120 },
  ]);
});

test("nothing that says how to retry is no policy", () => {
  expect(retryPolicy(undefined, workflowRetries)).toBeNull();
  expect(retryPolicy({}, workflowRetries)).toBeNull();
  expect(retryPolicy({ throwOnError: false }, workflowRetries)).toBeNull();
});

test("a policy that is given is obeyed, whatever its numbers, and its gaps are filled", () => {
  expect(retryPolicy({ maximumAttempts: 3 }, activityRetries)).toEqual({
    maximumAttempts: 4,
    backoffCoefficient: 10,
    initialIntervalSeconds: 1,
    maximumIntervalSeconds: 120,
  });
  const given = {
    maximumAttempts: 0,
    backoffCoefficient: 1.5,
    initialInterval: "500ms",
    maximumInterval: "2 minutes",
  };
  expect(retryPolicy(given, workflowRetries)).toEqual({
    maximumAttempts: 1,
    backoffCoefficient: 1.5,
    initialIntervalSeconds: 0.5,
    maximumIntervalSeconds: 120,
  });
});

test.each([
  [{ maximumAttempts: -1 }, "maximumAttempts is -1; expected a number of retries, 0 or more"],
  [{ maximumAttempts: 1.5 }, "maximumAttempts is 1.5; expected a number of retries, 0 or more"],
  [{ backoffCoefficient: 0 }, "backoffCoefficient is 0; expected a number above 0"],
  [{ backoffCoefficient: Number.NaN }, "backoffCoefficient is NaN; expected a number above 0"],
  [{ initialInterval: "soon" }, "initialInterval is 'soon'; expected a duration such as '30s'"],
  [{ maximumInterval: "-1s" }, "maximumInterval is '-1s'; expected a duration such as '30s'"],
])("%j is no policy", (config, message) => {
  expect(() => retryPolicy(config, workflowRetries)).toThrow(
    expect.objectContaining({ kind: "invalid-argument", message }),
  );
});
