import { expect, test } from "vitest";
import { DuplicateJobError, HotMeshError, invariant, PayloadInvalidError } from "./errors.js";

test("an error of another copy of the library is recognised by its mark", () => {
  const foreign = Object.assign(new Error("x"), { [Symbol.for("hotmesh.error")]: true });

  expect([new HotMeshError("stopped", "m"), foreign, new Error("x"), null, "x"].map(HotMeshError.is)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("an error keeps its kind, its code, and its cause when there is one", () => {
  const cause = new Error("why");
  const error = new HotMeshError("connection-failed", "m", { cause });

  expect(error).toMatchObject({ kind: "connection-failed", code: 503, retryable: true, cause });
  expect("cause" in new HotMeshError("stopped", "m")).toBe(false);
});

test("a duplicate job names the id, a refused payload every violation", () => {
  const errors = [
    { path: "", message: "must have n" },
    { path: "/m", message: "must be text" },
  ];

  expect(new DuplicateJobError("j1")).toMatchObject({ code: 409, message: "Duplicate job: j1", jobId: "j1" });
  expect(new PayloadInvalidError("t", errors)).toMatchObject({
    code: 422,
    message: "the payload for topic t breaks the graph's input schema: the payload must have n; /m must be text",
    errors,
  });
});

test("a broken invariant throws, a kept one does not", () => {
  expect(() => invariant(false, "left a,0 without entering it")).toThrow("left a,0 without entering it");
  expect(() => invariant(1, "")).not.toThrow();
});
