import { expect, test } from "vitest";
import { after } from "../brand.js";
import { Canceller } from "../ports/clock.js";
import { TestClock } from "../testing/test-clock.js";
import { Alarm } from "./alarm.js";

test("an alarm ends a sleep when it rings, when time is up, and when it is cancelled", async () => {
  const clock = new TestClock();
  const alarm = new Alarm();
  const cancel = new Canceller();

  const rung = alarm.wait(clock, null, cancel);
  alarm.ring();
  await rung;
  const timed = alarm.wait(clock, after(clock.now(), 10), cancel);
  clock.advance(10);
  await timed;
  const cancelled = alarm.wait(clock, null, cancel);
  cancel.cancel();
  await cancelled;

  expect(clock.sleeping).toBe(0);
});

test("an alarm that rang before the sleep ends it at once, and only that one", async () => {
  const clock = new TestClock();
  const alarm = new Alarm();
  const cancel = new Canceller();
  alarm.ring();

  await alarm.wait(clock, null, cancel);
  void alarm.wait(clock, null, cancel);

  expect(clock.sleeping).toBe(1);
});

test("an alarm wakes everybody who sleeps", async () => {
  const clock = new TestClock();
  const alarm = new Alarm();
  const both = [alarm.wait(clock, null, new Canceller()), alarm.wait(clock, null, new Canceller())];

  alarm.ring();

  expect(await Promise.all(both)).toEqual([undefined, undefined]);
});
