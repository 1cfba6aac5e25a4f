import { after, type LeaseToken, leaseToken } from "@hotmesh/core";
import { TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { LeaseKeeper } from "./lease-keeper.js";
import { lease } from "./testing/builders.js";

function kept(held: (tokens: readonly LeaseToken[]) => readonly LeaseToken[] = (tokens) => tokens) {
  const clock = new TestClock();
  const calls: (readonly LeaseToken[])[] = [];
  const stream = {
    extend: async (tokens: readonly LeaseToken[]) => {
      calls.push(tokens);
      return held(tokens);
    },
  };
  return { clock, calls, keeper: new LeaseKeeper({ stream, leaseMs: 30_000, capMs: 100_000 }) };
}

const one = lease({ token: leaseToken("one") });
const two = lease({ token: leaseToken("two") });

test("all leases are prolonged in one call at half time", async () => {
  const { clock, calls, keeper } = kept();
  keeper.hold(one, clock.now());
  clock.advance(5_000);
  keeper.hold(two, clock.now());

  await keeper.keep(clock.now());
  expect(calls).toEqual([]);
  clock.advance(10_000);
  await keeper.keep(clock.now());

  expect(calls).toEqual([["one", "two"]]);
  expect(keeper.dueAt).toBe(after(clock.now(), 15_000));
});

test("a lease that was lost is held no more", async () => {
  const { clock, keeper } = kept((tokens) => tokens.filter((token) => token !== "two"));
  keeper.hold(one, clock.now());
  keeper.hold(two, clock.now());
  clock.advance(15_000);

  expect(await keeper.keep(clock.now())).toEqual({ lost: [two], capped: [] });
  expect([keeper.holds(one.token), keeper.holds(two.token)]).toEqual([true, false]);
});

test("a lease is kept no longer than the cap", async () => {
  const { clock, calls, keeper } = kept();
  keeper.hold(one, clock.now());
  clock.advance(100_000);

  expect(await keeper.keep(clock.now())).toEqual({ lost: [], capped: [one] });
  expect(calls).toEqual([]);
});

test("when the storage fails the leases are tried again soon", async () => {
  const { clock, keeper } = kept(() => {
    throw new Error("no connection");
  });
  keeper.hold(one, clock.now());
  clock.advance(15_000);

  await expect(keeper.keep(clock.now())).rejects.toThrow("no connection");

  expect(keeper.dueAt).toBe(after(clock.now(), 3_000));
  expect(keeper.holds(one.token)).toBe(true);
});

test("nobody is due when nothing is held", () => {
  const { clock, keeper } = kept();
  keeper.hold(one, clock.now());
  keeper.drop(one.token);

  expect(keeper.dueAt).toBeNull();
});
