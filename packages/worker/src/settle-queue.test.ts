import { HotMeshError, leaseToken, type Outcome, type Settlement } from "@hotmesh/core";
import { TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { SettleQueue } from "./settle-queue.js";
import { lease } from "./testing/builders.js";

const hold: Outcome = { kind: "hold" };

function settlement(token: string): Settlement {
  return { lease: lease({ token: leaseToken(token) }), outcome: hold };
}

function queued(store: (tokens: readonly string[]) => void) {
  const clock = new TestClock();
  const batches: (readonly string[])[] = [];
  const stream = {
    settle: async (settlements: readonly Settlement[]) => {
      const tokens = settlements.map((one) => one.lease.token);
      batches.push(tokens);
      store(tokens);
      return tokens.map(() => "settled" as const);
    },
  };
  return { clock, batches, queue: new SettleQueue(stream, () => 1) };
}

test("what came since the last flush is stored in one call", async () => {
  const { clock, batches, queue } = queued(() => {});
  const both = [queue.add(settlement("a")), queue.add(settlement("b"))];

  await queue.flush(clock.now());

  expect(await Promise.all(both)).toEqual(["settled", "settled"]);
  expect(batches).toEqual([["a", "b"]]);
});

test("while the storage fails, outcomes wait and are tried again", async () => {
  let fails = true;
  const { clock, batches, queue } = queued(() => {
    if (fails) throw new HotMeshError("connection-failed", "gone");
  });
  const settled = queue.add(settlement("a"));

  await queue.flush(clock.now());
  fails = false;
  await queue.flush(clock.now());
  expect(batches).toHaveLength(1);
  clock.set(queue.nextAt(clock.now()) ?? clock.now());
  await queue.flush(clock.now());

  expect(await settled).toBe("settled");
  expect(batches).toEqual([["a"], ["a"]]);
});

test("an outcome that cannot be stored does not take its neighbours with it", async () => {
  const { clock, queue } = queued((tokens) => {
    if (tokens.includes("bad")) throw new Error("invalid text");
  });
  const good = queue.add(settlement("a"));
  const bad = queue.add(settlement("bad"));
  const outcomes = Promise.allSettled([good, bad]);

  await queue.flush(clock.now());

  expect(await outcomes).toEqual([
    { status: "fulfilled", value: "settled" },
    { status: "rejected", reason: new Error("invalid text") },
  ]);
});
