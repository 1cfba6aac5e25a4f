import { expect, test } from "vitest";
import { after, instant } from "../brand.js";
import { TestClock } from "../testing/test-clock.js";
import { Pace } from "./pace.js";

function paced(rate: number) {
  const clock = new TestClock();
  const pace = new Pace();
  pace.throttle(rate);
  return {
    clock,
    pace,
    /** Claims as many of `wanted` as it may; how many. */
    claim: (wanted: number): number => {
      const allowed = pace.allows(clock.now(), wanted);
      if (allowed === 0) return 0;
      pace.begin();
      pace.end(clock.now(), allowed);
      return allowed;
    },
  };
}

test("S101 without a rate everything that is wanted may be claimed, again and again", () => {
  const { claim } = paced(0);

  expect([claim(10), claim(100)]).toEqual([10, 100]);
});

test("S103 at a rate of 500 one message is claimed every 500 ms, whatever is wanted", () => {
  const { clock, claim } = paced(500);
  const claimedAt: number[] = [];
  const begin = clock.now();

  for (let ms = 0; ms < 10_000; ms += 10) {
    if (claim(100) === 1) claimedAt.push(clock.now() - begin);
    clock.advance(10);
  }

  expect(claimedAt).toEqual(Array.from({ length: 20 }, (_, index) => index * 500));
});

test("S102 a pause lets nothing be claimed, however long it lasts", () => {
  const { clock, pace, claim } = paced(-1);
  clock.advance(1_000_000);

  expect([claim(1), pace.freeAt, pace.isPaused]).toEqual([0, null, true]);
});

test("S101 lifting a pause ends the wait at once", () => {
  const { pace, claim } = paced(-1);

  pace.throttle(0);

  expect(claim(7)).toBe(7);
});

test("a lower rate ends a wait and a higher one extends it, both counted from the last claim", () => {
  const { clock, pace, claim } = paced(1_000);
  claim(1);
  clock.advance(300);

  pace.throttle(300);
  expect(claim(1)).toBe(1);
  clock.advance(300);
  pace.throttle(2_000);
  expect(claim(1)).toBe(0);
  clock.advance(1_699);
  expect(claim(1)).toBe(0);
  clock.advance(1);
  expect(claim(1)).toBe(1);
});

test("a rate that comes right after a claim delays the next one, once, however many messages were claimed", () => {
  const { clock, pace, claim } = paced(0);
  claim(50);

  pace.throttle(400);

  expect([claim(1), pace.freeAt]).toEqual([0, after(clock.now(), 400)]);
});

test("at a rate every message of one claim is paid for", () => {
  const { clock, pace } = paced(100);
  pace.begin();
  pace.end(clock.now(), 3);

  expect(pace.freeAt).toBe(after(clock.now(), 300));
});

test("a look that finds nothing costs nothing", () => {
  const { clock, pace } = paced(100);
  pace.begin();
  pace.end(clock.now(), 0);

  expect([pace.freeAt, pace.allows(clock.now(), 5)]).toEqual([instant(0), 1]);
});

test("while a look is under way a second one claims nothing", () => {
  const { clock, pace } = paced(100);
  pace.begin();

  expect([pace.allows(clock.now(), 5), pace.freeAt]).toEqual([0, null]);
});

test("a look that began without a rate is not charged at the one that came meanwhile", () => {
  const { clock, pace } = paced(0);
  pace.begin();
  pace.throttle(100);
  pace.end(clock.now(), 50);

  expect(pace.freeAt).toBe(after(clock.now(), 100));
});

test("the slower of command and floor counts, and a pause wins", () => {
  const pace = new Pace();
  pace.floor(250);
  const rates = [0, 100, 400, -1].map((rate) => {
    pace.throttle(rate);
    return [pace.rate, pace.told];
  });

  expect(rates).toEqual([
    [250, 0],
    [250, 100],
    [400, 400],
    [-1, -1],
  ]);
});
