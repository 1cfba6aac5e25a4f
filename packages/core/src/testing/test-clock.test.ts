import { expect, test } from "vitest";
import { after, instant } from "../brand.js";
import { Canceller } from "../ports/clock.js";
import { TestClock } from "./test-clock.js";

const start = instant(1_000);

test("time stands still until it is moved", () => {
  const clock = new TestClock(start);

  expect(clock.now()).toBe(start);
  clock.advance(250);
  expect(clock.now()).toBe(1_250);
  clock.set(instant(400));
  expect(clock.now()).toBe(400);
});

test("sleepers wake in due order, ties in the order they lay down, and never early", async () => {
  const clock = new TestClock(start);
  const woken: string[] = [];
  const sleep = (name: string, ms: number) => clock.sleep(after(start, ms)).then(() => woken.push(name));
  const sleepers = [sleep("late", 30), sleep("first", 10), sleep("second", 10), sleep("never", 500)];

  clock.advance(30);
  await Promise.all(sleepers.slice(0, 3));

  expect(woken).toEqual(["first", "second", "late"]);
  expect(clock.sleeping).toBe(1);
  expect(clock.nextDueAt).toBe(1_500);
});

test("a sleep until a past instant is over at once", async () => {
  await new TestClock(start).sleep(start);
});

test("a cancelled sleep is over and leaves nothing behind", async () => {
  const clock = new TestClock(start);
  const canceller = new Canceller();
  const asleep = clock.sleep(after(start, 10), canceller);

  canceller.cancel();
  await asleep;

  expect(clock.sleeping).toBe(0);
  await clock.sleep(after(start, 10), canceller);
});

test("a sleeper that woke no longer listens for its cancel", async () => {
  const clock = new TestClock(start);
  let listeners = 0;
  const cancel = {
    cancelled: false,
    onCancel: () => {
      listeners += 1;
      return () => {
        listeners -= 1;
      };
    },
  };
  const asleep = clock.sleep(after(start, 10), cancel);

  clock.advance(10);
  await asleep;

  expect(listeners).toBe(0);
});
