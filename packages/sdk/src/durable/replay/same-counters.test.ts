import { expect, test } from "vitest";
import { Engine, type Open } from "./engine.suite.js";
import { type Draw, drawn, randomFunction } from "./random-function.suite.js";

const seeds = Array.from({ length: 150 }, (_, index) => index + 1);
const strict = { replayCheck: "strict", patienceMs: 50 } as const;

/** What each operation counts as, in the order asked. */
function counters({ answers }: Engine): readonly string[] {
  return answers.flatMap(({ requests }) => requests.map(({ n, kind, name, hash }) => `${n} ${kind} ${name} ${hash}`));
}

function settleOne(engine: Engine, name: string): void {
  const open = engine.open.find((each) => each.name === name);
  if (open === undefined) throw new Error(`${name} is not open`);
  const data = name.startsWith("after") ? null : name;
  if (name.startsWith("fail")) engine.settle(name, { $error: { message: `no ${name}`, code: 598 } });
  else engine.settle(name, { data: open.kind === "wait" ? { data } : data });
}

/** Ends random operations, several at a time, until the function has returned. */
async function atRandom(engine: Engine, draw: Draw): Promise<{ readonly order: string[]; readonly end: unknown }> {
  const order: string[] = [];
  for (;;) {
    const end = await engine.enter();
    if (end !== undefined) return { order, end };
    const count = engine.open.length === 0 ? 0 : 1 + Math.floor(draw() * engine.open.length);
    for (let settled = 0; settled < count; settled += 1) {
      const { name } = engine.open[Math.floor(draw() * engine.open.length)] as Open;
      order.push(name);
      settleOne(engine, name);
    }
  }
}

/** Ends operations in a given order, at most so many at a time. */
async function inOrder(engine: Engine, order: readonly string[], atOnce: number): Promise<unknown> {
  const left = [...order];
  for (;;) {
    const end = await engine.enter();
    if (end !== undefined) return end;
    for (let settled = 0; settled < atOnce; settled += 1) {
      const [name] = left;
      if (name === undefined || !engine.open.some((open) => open.name === name)) break;
      left.shift();
      settleOne(engine, name);
    }
  }
}

/** A failure names the seed that it came with. */
async function forSeeds(law: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seeds) {
    await law(seed).catch((cause: unknown) => {
      throw new Error(`with seed ${seed}: ${String(cause)}`, { cause });
    });
  }
}

test("an operation counts the same wherever entries are cut", async () => {
  await forSeeds(async (seed) => {
    const fn = randomFunction(seed, { stores: false });
    const [random, single, batched] = [new Engine(fn, strict), new Engine(fn, strict), new Engine(fn, strict)];

    const { order, end } = await atRandom(random, drawn(seed + 1_000));
    const ends = [await inOrder(single, order, 1), await inOrder(batched, order, 1_000)];

    expect(ends).toEqual([end, end]);
    expect(counters(single)).toEqual(counters(random));
    expect(counters(batched)).toEqual(counters(random));
  });
});

test("whatever the order of outcomes was, a replay comes to the same and asks for nothing", async () => {
  await forSeeds(async (seed) => {
    const fn = randomFunction(seed, { stores: true });
    const engine = new Engine(fn, strict);

    const { end } = await atRandom(engine, drawn(seed + 2_000));
    const again = await engine.enter();

    expect(again).toEqual(end);
    expect(engine.answers.at(-1)?.requests).toEqual([]);
    expect(engine.warnings).toEqual([]);
  });
});
