import { expect, test } from "vitest";
import { parseArguments } from "./arguments.js";

test("without arguments two thousand seeds are played", () => {
  const usual = { seeds: 2000, from: 1, seed: null, size: {}, onlyDrawn: false, verbose: false, help: false };

  expect(parseArguments([])).toEqual(usual);
});

test("a run can be named with its size", () => {
  const args = parseArguments(["--seed", "42", "--stories", "1", "--faults", "0", "--ticks", "20", "--verbose"]);

  expect(args).toMatchObject({ seed: 42, size: { stories: 1, faults: 0, ticks: 20 }, verbose: true });
});

test("graphs are seeds that all draw their own", () => {
  expect(parseArguments(["--graphs", "300"])).toMatchObject({ seeds: 300, onlyDrawn: true });
});

test("what is no whole number is refused by name", () => {
  expect(() => parseArguments(["--seed", "x"])).toThrow("--seed is x; expected a whole number");
});
