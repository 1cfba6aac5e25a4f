import { expect, test } from "vitest";
import { Errors } from "./index.js";

const { classifyError, ErrorCategory } = Errors;
const about = { jobId: "J1", activityId: "a1" };

test.each([
  [Errors.LeaseExpiredError.lost(30_000), ErrorCategory.FATAL],
  [
    new Errors.CollationError({ status: 1, leg: 2, stage: "wake", fault: "closed", place: "a1,0" }),
    ErrorCategory.COLLATION,
  ],
  [new Errors.DuplicateJobError("J1"), ErrorCategory.COLLATION],
  [new Errors.InactiveJobError({ ...about, status: 0 }), ErrorCategory.TERMINAL],
  [
    new Errors.GenerationalError({ ...about, expected: "G2", actual: "G1", dimensionalAddress: ",0" }),
    ErrorCategory.TERMINAL,
  ],
  [new Errors.GetStateError("J1"), ErrorCategory.TERMINAL],
  [new Errors.DurableFatalError("no"), ErrorCategory.TERMINAL],
  [new Errors.DurableMaxedError("no more"), ErrorCategory.TERMINAL],
  [new Errors.DurableTimeoutError("too late"), ErrorCategory.RETRYABLE],
  [new Errors.DurableRetryError("again"), ErrorCategory.RETRYABLE],
  [new Errors.CancelledFailure(), ErrorCategory.TERMINAL],
  [new Errors.HotMeshError("connection-failed", "gone"), ErrorCategory.RETRYABLE],
  [new Error("anything"), ErrorCategory.RETRYABLE],
  ["a text", ErrorCategory.RETRYABLE],
])("%s is told what to do about", (error, category) => {
  expect(classifyError(error)).toBe(category);
});

test("an error of another copy of the library has the same category", () => {
  const mark = Symbol.for("hotmesh.error");
  const foreign = Object.assign(new Error("x"), { [mark]: true, kind: "lease-expired" });

  expect(classifyError(foreign)).toBe("fatal");
});
