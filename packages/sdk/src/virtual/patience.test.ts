import { Canceller } from "@hotmesh/core";
import { TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { withPatience } from "./patience.js";

test("C38 a caller waits for thirty seconds, and is told which call it was", async () => {
  const clock = new TestClock();
  const seen = new Canceller();
  const call = withPatience(clock, "P1", (done) => {
    done.onCancel(() => seen.cancel());
    return new Promise(() => {});
  });
  const refused = expect(call).rejects.toMatchObject({ code: 504, message: "timeout", job_id: "P1" });

  clock.advance(29_999);
  await Promise.resolve();
  expect(seen.cancelled).toBe(false);
  clock.advance(1);

  await refused;
  expect(seen.cancelled).toBe(true);
});

test("C38 an answer that comes in time leaves no timer behind", async () => {
  const clock = new TestClock();

  await expect(withPatience(clock, "P1", async () => 42)).resolves.toBe(42);
  await expect(withPatience(clock, "P1", () => Promise.reject(new Error("no scale")))).rejects.toThrow("no scale");

  expect(clock.nextDueAt).toBeNull();
});
