import { expect, test } from "vitest";
import { type Prng, prng } from "./prng.js";

const draw = (random: Prng, count: number) => Array.from({ length: count }, () => random.next());

test("one seed gives one sequence, another seed another", () => {
  expect(draw(prng("seed"), 20)).toEqual(draw(prng("seed"), 20));
  expect(draw(prng(7), 20)).toEqual(draw(prng("7"), 20));
  expect(draw(prng(7), 20)).not.toEqual(draw(prng(8), 20));
});

test("numbers are spread evenly over the unit interval", () => {
  const random = prng("even");
  const tenths = new Array<number>(10).fill(0);

  for (const value of draw(random, 20_000)) tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;

  expect(tenths).toHaveLength(10);
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
});

test("below, chance and pick stay within what they were given", () => {
  const random = prng("within");

  expect(new Set(Array.from({ length: 200 }, () => random.below(3)))).toEqual(new Set([0, 1, 2]));
  expect(new Set(Array.from({ length: 200 }, () => random.pick(["a", "b"])))).toEqual(new Set(["a", "b"]));
  expect(random.chance(0)).toBe(false);
  expect(random.chance(1)).toBe(true);
  expect(() => random.pick([])).toThrow(RangeError);
});

test("a fork depends on its name and its parent's seed, not on what the parent drew", () => {
  const used = prng("parent");
  draw(used, 5);

  expect(draw(used.fork("child"), 5)).toEqual(draw(prng("parent").fork("child"), 5));
  expect(draw(used.fork("child"), 5)).not.toEqual(draw(used.fork("other"), 5));
});
