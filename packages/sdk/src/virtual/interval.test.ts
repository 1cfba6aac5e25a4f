import { expect, test } from "vitest";
import { cronInterval, firstTurn, nextTurn } from "./interval.js";

const noon = Date.UTC(2026, 4, 1, 12);

test("C39 a duration is at least a second; its first run comes at once, or after the delay", () => {
  expect(cronInterval("2 minutes")).toEqual({ every: "seconds", seconds: 120 });
  expect(cronInterval("100ms")).toEqual({ every: "seconds", seconds: 1 });
  expect(firstTurn(cronInterval("1h"), { now: noon, delay: 0 })).toEqual({ delay: 0, count: 0, tick: 0 });
  expect(firstTurn(cronInterval("1h"), { now: noon, delay: 5 })).toEqual({ delay: 5, count: 0, tick: 0 });
});

test("C39 the next run of a duration comes that long after the end of the one before", () => {
  expect(nextTurn(cronInterval("1h"), { delay: 0, count: 4, tick: 0 }, noon)).toEqual({
    delay: 3_600,
    count: 5,
    tick: 0,
  });
});

test("C39 an expression begins at its next tick, in UTC, and heeds no delay", () => {
  const turn = firstTurn(cronInterval("30 12 * * *"), { now: noon + 250, delay: 7 });
  expect(turn).toEqual({ delay: 1_799.75, count: 0, tick: noon + 1_800_000 });
});

test("C39 a tick comes once, also when a clock that is slow has it run early", () => {
  const interval = cronInterval("* * * * *");
  const turn = firstTurn(interval, { now: noon - 1, delay: 0 });
  expect(turn).toMatchObject({ tick: noon });

  const next = nextTurn(interval, turn, noon - 300);

  expect(next).toEqual({ delay: 60.3, count: 1, tick: noon + 60_000 });
});

test("C39 ticks that passed while a run took its time are skipped", () => {
  const late = nextTurn(cronInterval("* * * * *"), { delay: 0, count: 0, tick: noon }, noon + 200_000);
  expect(late).toMatchObject({ tick: noon + 240_000 });
});

test.each(["", "every day", "* * *", "61 * * * *", "0 0 30 2 *", "-5s"])("%j is neither", (text) => {
  expect(() => cronInterval(text)).toThrow(`Invalid cron/interval expression: ${text}`);
});
