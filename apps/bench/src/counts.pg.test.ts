import { expect, inject, test } from "vitest";
import { builtInSubject } from "./graphs.js";
import { run } from "./run.js";

const patience = { timeout: 120_000 };

test("a graph of trigger and pass-through hooks is one statement in one transaction", patience, async () => {
  const { perJob } = await measured("pass-through", { jobs: 100, callers: 1 });

  // Whatever else a job took would count at least once for each. Now and then the engine looks of its own accord
  // whether something is due, and after a stall of the machine a step does not trust its estimate of the time.
  for (const count of [perJob.transactions, perJob.statements]) {
    expect(count).toBeGreaterThanOrEqual(1);
    expect(count).toBeLessThan(1.5);
  }
});

test("a job with one worker takes at most 6 statements when it runs alone", patience, async () => {
  const { perJob } = await measured("one-step", { jobs: 100, callers: 1 });

  expect(perJob.statements).toBeLessThanOrEqual(6);
});

test("200 callers together need at most half a statement for each job", patience, async () => {
  const { perJob } = await measured("one-step", { jobs: 4_000, callers: 200 });

  expect(perJob.statements).toBeLessThanOrEqual(0.5);
});

async function measured(graph: string, load: { readonly jobs: number; readonly callers: number }) {
  const subject = builtInSubject(graph);
  return run({ url: inject("postgresUrl"), subject, strict: false, warmUp: 2 * load.callers, ...load });
}
