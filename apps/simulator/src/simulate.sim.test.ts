import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandFor, shrink } from "./shrink.js";
import { type Run, simulate } from "./simulate.js";

const seeds = 2_000;
const parts = 4;

for (let part = 0; part < parts; part += 1) {
  const from = 1 + (part * seeds) / parts;
  const to = ((part + 1) * seeds) / parts;
  test(`all laws hold for the seeds ${from} to ${to}`, async () => {
    const failures: string[] = [];
    let faults = 0;
    let drawn = 0;
    for (let seed = from; seed <= to; seed += 1) {
      const run = await simulate(seed);
      faults += run.faults;
      if (run.isDrawn) drawn += 1;
      if (run.violation !== null && failures.length < 3) failures.push(await told(run));
    }

    expect(failures).toEqual([]);
    expect(faults).toBeGreaterThan(seeds / parts);
    // 300 random graphs in all, at least.
    expect(drawn * parts).toBeGreaterThan(300);
  });
}

test("all laws hold for the seeds that once failed", async () => {
  const kept: readonly { readonly seed: number; readonly found: string; readonly drawn?: boolean }[] = JSON.parse(
    readFileSync(new URL("../seeds.json", import.meta.url), "utf8"),
  );
  const failures: string[] = [];

  for (const { seed, found, drawn = false } of kept) {
    const run = await simulate(seed, { onlyDrawn: drawn });
    if (run.violation !== null) failures.push(`${found}: ${await told(run)}`);
  }

  expect(failures).toEqual([]);
});

test("a seed plays the same run every time", async () => {
  const play = async (seed: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    await simulate(seed, { trace: (line) => lines.push(line) });
    return lines;
  };

  for (const seed of [3, 17, 42, 343]) {
    const first = await play(seed);

    expect(first.length).toBeGreaterThan(10);
    expect(await play(seed)).toEqual(first);
  }
});

async function told(run: Run): Promise<string> {
  return `seed ${run.seed}: ${run.violation?.message} · ${commandFor(await shrink(run))}`;
}
