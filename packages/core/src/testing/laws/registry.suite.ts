import { expect } from "vitest";
import {
  type MemberRecord,
  memberForgottenMs,
  memberFreshMs,
  memberGoneMs,
  type ThrottleRule,
} from "../../ports/registry.js";
import { type Law, law } from "./law.js";

const engine: MemberRecord = { guid: "g1", role: "engine", topic: null, version: "1" };
const worker: MemberRecord = { guid: "g1", role: "worker", topic: "work: 'ü'\u0000", version: null };

function rule(throttle: number, target: Partial<ThrottleRule> = {}): ThrottleRule {
  return { throttle, topic: null, guid: null, scope: "all", ...target };
}

const present = law(
  "a member that has checked in is there, until it checks out",
  async ({ backend, another, clock }) => {
    const other = await another();
    const connectedAt = clock.now();
    await backend.registry.checkIn([worker, engine]);
    await backend.registry.checkIn([]);

    expect(await other.registry.members()).toEqual([
      { ...engine, connectedAt, seenAt: connectedAt },
      { ...worker, connectedAt, seenAt: connectedAt },
    ]);
    await backend.registry.checkOut([worker]);
    await backend.registry.checkOut([]);
    expect(await other.registry.members()).toMatchObject([engine]);
  },
);

const gone = law("a member that is not heard of any more disappears after a minute", async ({ backend, clock }) => {
  await backend.registry.checkIn([engine]);
  clock.advance(memberFreshMs);
  await backend.registry.checkIn([worker]);

  clock.advance(memberGoneMs - memberFreshMs);
  expect(await backend.registry.members()).toMatchObject([worker]);

  clock.advance(memberFreshMs);
  const connectedAt = clock.now();
  await backend.registry.checkIn([engine]);
  expect(await backend.registry.members()).toMatchObject([{ ...engine, connectedAt }]);
});

const alive = law(
  "a member that checks in again and again stays, with its latest version",
  async ({ backend, clock }) => {
    const connectedAt = clock.now();
    for (let turn = 0; turn < 10; turn += 1) {
      await backend.registry.checkIn([engine]);
      clock.advance(memberFreshMs / 2);
    }
    await backend.registry.checkIn([{ ...engine, version: "2" }]);

    expect(await backend.registry.members()).toMatchObject([{ version: "2", connectedAt }]);
  },
);

const obeyed = law("whoever checks in reads the stored commands, oldest first", async ({ backend, another }) => {
  const other = await another();
  await backend.registry.throttle(rule(500, { topic: "t", guid: "g" }));
  await backend.registry.throttle(rule(-1, { scope: "engines" }));
  await other.registry.throttle(rule(2_147_483_647, { topic: "u" }));

  expect(await other.registry.checkIn([engine])).toEqual([
    rule(500, { topic: "t", guid: "g", scope: "workers" }),
    rule(-1, { scope: "engines" }),
    rule(2_147_483_647, { topic: "u", scope: "workers" }),
  ]);
});

const replaced = law("a command replaces those whose every target it addresses", async ({ backend }) => {
  const { registry } = backend;
  const stored = async (): Promise<readonly number[]> => (await registry.checkIn([])).map(({ throttle }) => throttle);
  await registry.throttle(rule(1, { topic: "t", guid: "g" }));
  await registry.throttle(rule(2, { topic: "t" }));
  expect(await stored()).toEqual([2]);

  await registry.throttle(rule(3, { topic: "t", guid: "g" }));
  await registry.throttle(rule(4, { guid: "g", scope: "engines" }));
  expect(await stored()).toEqual([2, 3, 4]);

  await registry.throttle(rule(5, { guid: "g", scope: "workers" }));
  expect(await stored()).toEqual([2, 4, 5]);

  await registry.throttle(rule(6, { guid: "g" }));
  expect(await stored()).toEqual([2, 6]);

  await registry.throttle(rule(7, { scope: "workers" }));
  expect(await stored()).toEqual([6, 7]);

  await registry.throttle(rule(0));
  expect(await stored()).toEqual([0]);
});

const turns = law(
  "a turn belongs to one holder until it ends or its time is over",
  async ({ backend, another, clock }) => {
    const other = await another();
    const [mine, yours] = ["mine", "yours"].map((holder) => ({ name: "activation", holder }));
    if (mine === undefined || yours === undefined) throw new Error("two turns");

    expect(await backend.registry.takeTurn(mine, 1_000)).toBeNull();
    clock.advance(400);
    expect(await other.registry.takeTurn(yours, 1_000)).toBe(600);
    expect(await backend.registry.takeTurn(mine, 1_000)).toBeNull();
    expect(await other.registry.takeTurn(yours, 1_000)).toBe(1_000);
    expect(await other.registry.takeTurn({ ...yours, name: "another" }, 1_000)).toBeNull();

    await other.registry.endTurn(yours);
    expect(await other.registry.takeTurn(yours, 1_000)).toBe(1_000);
    await backend.registry.endTurn(mine);
    expect(await other.registry.takeTurn(yours, 1_000)).toBeNull();

    clock.advance(1_000);
    expect(await backend.registry.takeTurn(mine, 1_000)).toBeNull();
  },
);

const raced = law("of many who take a turn at once one gets it", async ({ backend, another }) => {
  const backends = [backend, await another(), await another()];
  const takes = backends.flatMap(({ registry }, at) =>
    ["a", "b"].map((holder) => registry.takeTurn({ name: "turn", holder: `${holder}${at}` }, 1_000)),
  );

  expect((await Promise.all(takes)).filter((wait) => wait === null)).toHaveLength(1);
});

const returned = law("a member that left and comes back is connected anew, and obeys as before", async (bench) => {
  const { backend, clock } = bench;
  await backend.registry.checkIn([engine]);
  await backend.registry.throttle(rule(-1, { guid: "g1" }));
  await backend.registry.checkOut([engine]);
  clock.advance(1_000);

  await backend.registry.forget();

  expect(await backend.registry.members()).toEqual([]);
  expect(await backend.registry.checkIn([engine])).toEqual([rule(-1, { guid: "g1" })]);
  expect(await backend.registry.members()).toMatchObject([{ connectedAt: clock.now(), seenAt: clock.now() }]);
});

const forgotten = law("what was commanded to instances that are gone for long is forgotten", async (bench) => {
  const { backend, clock } = bench;
  const { registry } = backend;
  await registry.checkIn([engine]);
  await registry.throttle(rule(1, { scope: "engines" }));
  await registry.throttle(rule(2, { guid: "g1" }));
  await registry.throttle(rule(3, { guid: "gone", topic: "t" }));
  clock.advance(memberForgottenMs - 1);
  await registry.forget();
  expect((await registry.checkIn([])).map(({ throttle }) => throttle)).toEqual([1, 2, 3]);

  await registry.checkIn([engine]);
  clock.advance(1);
  await registry.throttle(rule(4, { guid: "late" }));
  await registry.forget();
  expect((await registry.checkIn([])).map(({ throttle }) => throttle)).toEqual([1, 2, 4]);

  clock.advance(memberForgottenMs);
  await registry.forget();
  expect((await registry.checkIn([])).map(({ throttle }) => throttle)).toEqual([1]);
});

export const registryLaws: readonly Law[] = [present, gone, alive, obeyed, replaced, turns, raced, returned, forgotten];
