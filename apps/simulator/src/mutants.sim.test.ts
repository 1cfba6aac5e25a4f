import { describe, expect, test } from "vitest";
import { languageMutants } from "./language-mutants.js";
import { type Mutant, mutants } from "./mutants.js";
import { shrink } from "./shrink.js";
import { type Run, simulate } from "./simulate.js";

/** Far more than any of them needs, far fewer than a test run plays. */
const seedsMax = 60;

describe("a planted bug is found", () => {
  for (const mutant of mutants) {
    test(mutant.name, async ({ annotate }) => {
      const found = await hunt(mutant);

      expect(found, `${mutant.name} survives ${seedsMax} seeds`).not.toBeNull();
      await annotate(`after ${found?.seed} seeds: ${found?.violation?.law}`);
    });
  }
});

describe("a part of the language that goes wrong is found by random graphs", () => {
  for (const mutant of languageMutants) {
    test(mutant.name, async ({ annotate }) => {
      const found = await hunt(mutant, { onlyDrawn: true });

      expect(found, `${mutant.name} survives ${seedsMax} seeds`).not.toBeNull();
      await annotate(`after ${found?.seed} seeds: ${found?.violation?.law}`);
    });
  }
});

test("without a planted bug the same seeds find nothing", async () => {
  const none = { name: "no bug", plant: () => ({}) };

  expect(await hunt(none)).toBeNull();
  expect(await hunt(none, { onlyDrawn: true })).toBeNull();
});

test("a failing run is shrunk to a smaller one that fails too", async () => {
  const [mutant] = mutants;
  const found = mutant === undefined ? null : await hunt(mutant);
  if (mutant === undefined || found === null) throw new Error("there is nothing to shrink");

  const smallest = await shrink(found, () => mutant.plant());

  expect(smallest.violation).not.toBeNull();
  expect(smallest.size.stories).toBeLessThanOrEqual(found.size.stories);
  expect(smallest.size.faults).toBe(0);
  expect(smallest.size.ticks).toBeLessThan(found.size.ticks);
});

async function hunt(mutant: Mutant, options: { readonly onlyDrawn?: boolean } = {}): Promise<Run | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const run = await simulate(seed, { ...options, sabotage: mutant.plant() });
    if (run.violation !== null) return run;
  }
  return null;
}
