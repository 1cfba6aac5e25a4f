import { expect, test } from "vitest";
import { parseArguments } from "./arguments.js";

test("without arguments two thousand seeds are played", () => {
  expect(parseArguments([])).toEqual({ seeds: 2000, from: 1, seed: null, size: {}, verbose: false, help: false });
});

test("a run can be named with its size", () => {
  const args = parseArguments(["--seed", "42", "--stories", "1", "--faults", "0", "--ticks", "20", "--verbose"]);

  expect(args).toMatchObject({ seed: 42, size: { stories: 1, faults: 0, ticks: 20 }, verbose: true });
});

test("what is no whole number is refused by name", () => {
  expect(() => parseArguments(["--seed", "x"])).toThrow("--seed is x; expected a whole number");
});
