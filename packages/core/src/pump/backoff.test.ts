import { expect, test } from "vitest";
import { backoffMs } from "./backoff.js";

test("the wait doubles from 100 ms to 10 s", () => {
  const waits = [1, 2, 3, 7, 8, 50].map((failures) => backoffMs(failures, () => 1));

  expect(waits).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
});

test("half of the wait is drawn, so that members that failed together do not come back together", () => {
  expect([backoffMs(1, () => 0), backoffMs(1, () => 0.5)]).toEqual([50, 75]);
});
