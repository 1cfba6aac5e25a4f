import { type Activation, instant, planId } from "@hotmesh/core";
import { expect, test } from "vitest";
import { activate, agrees } from "./activate.js";
import type { QuorumMessage } from "./message.js";
import { member, mesh } from "./testing/mesh.js";

function versioned(names: readonly string[], active: string | null) {
  const activationOf = (version: string): Activation => ({ version, plan: planId(version), epoch: 1 });
  let activation = active === null ? null : activationOf(active);
  return {
    versions: async () =>
      names.map((version) => ({
        version,
        plan: planId(version),
        status: version === activation?.version ? ("activated" as const) : ("deployed" as const),
        deployedAt: instant(0),
        activatedAt: null,
      })),
    activation: async () => activation,
    activate: async (version: string) => {
      activation = activationOf(version);
      return activation;
    },
  };
}

async function setup(store: ReturnType<typeof versioned>) {
  const { clock, join, patiently } = mesh();
  const { quorum } = await join("A", [member()]);
  await join("B", [member(), member({ topic: "kiln.fire" })]);
  const heard: QuorumMessage[] = [];
  quorum.subscribe((_, message) => heard.push(message));
  const run = (version: string) =>
    patiently(activate({ quorum, store, clock, appId: "studio", version, delayMs: 100 }));
  const modes = () => heard.flatMap((message) => (message.type === "activate" ? [message.cache_mode] : []));
  return { clock, heard, run, modes, quorum };
}

test("S41 S42 the mesh is counted until the counts agree, and switched between nocache and cache", async () => {
  const store = versioned(["1", "2"], "1");
  const { heard, run, modes, clock } = await setup(store);
  const before = clock.now();

  expect(await run("2")).toBe(true);

  expect(await store.activation()).toMatchObject({ version: "2" });
  expect(heard.filter(({ type }) => type === "ping")).toHaveLength(4);
  expect(modes()).toEqual(["nocache", "cache"]);
  expect(clock.now() - before).toBe(500);
});

test("a version that does not exist is refused before anything is said", async () => {
  const { heard, run } = await setup(versioned(["1"], "1"));

  await expect(run("9")).rejects.toMatchObject({
    kind: "version-not-found",
    code: 404,
    message: "Version 9 does not exist for app studio",
  });
  expect(heard).toEqual([]);
});

test("a version that is active is activated without a word", async () => {
  const { heard, run } = await setup(versioned(["1"], "1"));

  expect(await run("1")).toBe(true);
  expect(heard).toEqual([]);
});

test("a failed switch does not leave the mesh in nocache mode", async () => {
  const store = versioned(["1", "2"], "1");
  const broken = { ...store, activate: async () => Promise.reject(new Error("no connection")) };
  const { run, modes } = await setup(broken);

  await expect(run("2")).rejects.toThrow("no connection");
  expect(modes()).toEqual(["nocache", "cache"]);
});

test("a head-count that never settles switches nothing", async () => {
  const store = versioned(["1", "2"], "1");
  const { clock, patiently } = mesh();
  let count = 0;
  const said: unknown[] = [];
  const quorum = {
    headCount: async () => {
      count += 1;
      return count;
    },
    publish: async (message: unknown) => void said.push(message),
  };

  const done = patiently(activate({ quorum, store, clock, appId: "studio", version: "2", delayMs: 10 }));

  await expect(done).rejects.toMatchObject({
    kind: "quorum-not-reached",
    retryable: true,
    message: "Quorum not reached. Version 2 not activated.",
  });
  expect([count, said, (await store.activation())?.version]).toEqual([16, [], "1"]);
});

test("the first count warms up; the others are equal and not 0", () => {
  expect([agrees([0, 3, 3, 3]), agrees([3, 3, 3, 2]), agrees([3, 0, 0, 0]), agrees([])]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
