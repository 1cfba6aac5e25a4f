import type { CounterChange, JobRecord } from "@hotmesh/core";
import { prng } from "@hotmesh/core/testing";
import { expect, inject, test } from "vitest";
import { simulatedApp } from "./apps.js";
import { compareCounters, compareOutcomes, expectationOf } from "./outcome.js";
import { PostgresMesh } from "./postgres-mesh.js";
import { documentOf, randomGraphs } from "./random-graph/random-app.js";
import type { Story } from "./stories.js";
import { answerOf } from "./worker-callback.js";

const graphs = 40;

test(`${graphs} random graphs end on Postgres as they end purely, and leave nothing behind`, {
  timeout: 120_000,
}, async () => {
  const drawn = Array.from({ length: graphs }, (_, at) => {
    const { graphs, tell } = randomGraphs(prng(`postgres ${at}`), { prefix: `g${at}` });
    return { graphs, story: tell(`g${at}`, prng(`story ${at}`)) };
  });
  const [plan] = simulatedApp(JSON.stringify(documentOf(drawn.flatMap(({ graphs }) => graphs)))).plans;
  const stories = drawn.map(({ story }) => story);
  const mesh = await PostgresMesh.open({
    url: inject("postgresUrl"),
    plan,
    topics: ["forge", "loom"],
    callback: async (message) => answerOf(message),
  });
  try {
    const { startedAt } = mesh;
    await mesh.play(stories);

    const failures: string[] = [];
    const jobs: string[] = [];
    const counted: CounterChange[] = [];
    for (const story of stories) {
      const expected = await expectationOf(plan, story, startedAt);
      const found = await ended(mesh, expected.outcomes.keys());
      jobs.push(...found.keys());
      counted.push(...expected.counted);
      failures.push(...differences(story, () => compareOutcomes(expected.outcomes, found)));
    }
    expect(failures).toEqual([]);
    expect(await mesh.leftovers()).toEqual({ messages: 0, hooks: 0, pendingItems: 0, negative: 0, open: 0 });
    // Nobody started a job that the pure run knows nothing of.
    expect(await mesh.jobs()).toEqual(jobs.sort());
    compareCounters(counted, await mesh.counters());
  } finally {
    await mesh.close();
  }
});

async function ended(mesh: PostgresMesh, ids: Iterable<string>): Promise<ReadonlyMap<string, readonly JobRecord[]>> {
  const found = new Map<string, readonly JobRecord[]>();
  for (const id of ids) {
    const job = await mesh.readJob(id);
    if (job !== null) found.set(id, [job]);
  }
  return found;
}

function differences({ actions }: Story, compare: () => void): readonly string[] {
  try {
    compare();
    return [];
  } catch (difference) {
    return [`${difference} · ${JSON.stringify(actions)}`];
  }
}
