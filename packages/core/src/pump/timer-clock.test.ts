import { expect, test } from "vitest";
import { after } from "../brand.js";
import { Canceller } from "../ports/clock.js";
import { timerClock } from "./timer-clock.js";

/** A host whose timers fire when the test says so. */
function host() {
  let now = 1_000;
  const timers = new Map<number, { readonly run: () => void; readonly ms: number }>();
  let handles = 0;
  return {
    timers,
    clock: timerClock<number>({
      Date: { now: () => now },
      setTimeout: (run, ms) => {
        handles += 1;
        timers.set(handles, { run, ms });
        return handles;
      },
      clearTimeout: (handle) => void timers.delete(handle),
    }),
    pass: async (ms: number) => {
      now += ms;
      const due = [...timers.values()];
      timers.clear();
      for (const timer of due) timer.run();
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    },
  };
}

test("a sleep ends at its instant, and a timer that fires early does not end it", async () => {
  const { clock, pass, timers } = host();
  let awake = false;
  void clock.sleep(after(clock.now(), 100)).then(() => {
    awake = true;
  });

  await pass(99);
  expect([awake, [...timers.values()].map(({ ms }) => ms)]).toEqual([false, [1]]);
  await pass(1);

  expect(awake).toBe(true);
});

test("a cancelled sleep leaves no timer behind", async () => {
  const { clock, timers } = host();
  const cancel = new Canceller();
  const sleep = clock.sleep(after(clock.now(), 100), cancel);

  cancel.cancel();
  await sleep;

  expect(timers.size).toBe(0);
});

test("a sleep longer than any timer of the host is taken in pieces", async () => {
  const { clock, timers } = host();

  void clock.sleep(after(clock.now(), 2 ** 40));

  expect([...timers.values()].map(({ ms }) => ms)).toEqual([2 ** 31 - 1]);
});

test("a sleep until now, or one that was cancelled before, needs no timer", async () => {
  const { clock, timers } = host();
  const cancel = new Canceller();
  cancel.cancel();

  await clock.sleep(clock.now());
  await clock.sleep(after(clock.now(), 100), cancel);

  expect(timers.size).toBe(0);
});

test("the clock goes on when the host's clock is set back", async () => {
  const { clock, pass } = host();
  await pass(5_000_000);
  const before = clock.now();

  await pass(-3_600_000);
  const justAfter = clock.now();
  await pass(700);

  expect([justAfter, clock.now()]).toEqual([before, before + 700]);
});
