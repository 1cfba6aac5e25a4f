import { type Activation, instant, planId } from "@hotmesh/core";
import { expect, test } from "vitest";
import { type ActivateOptions, activate, agrees } from "./activate.js";
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
  const { quorum, backend } = await join("A", [member()]);
  const { registry } = backend;
  await join("B", [member(), member({ topic: "kiln.fire" })]);
  const heard: QuorumMessage[] = [];
  quorum.subscribe((_, message) => heard.push(message));
  const options = { quorum, store, registry, clock, appId: "studio", delayMs: 100 };
  const run = (version: string, over: Partial<ActivateOptions> = {}) =>
    patiently(activate({ ...options, holder: "h1", version, ...over }));
  const modes = () => heard.flatMap((message) => (message.type === "activate" ? [message.cache_mode] : []));
  return { clock, heard, run, modes, quorum, registry, patiently };
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
  const { clock, join, patiently } = mesh();
  const { registry } = (await join("A")).backend;
  let count = 0;
  const said: unknown[] = [];
  const quorum = {
    headCount: async () => {
      count += 1;
      return count;
    },
    publish: async (message: unknown) => void said.push(message),
  };

  const options = { quorum, store, registry, clock, holder: "h1", appId: "studio", version: "2", delayMs: 10 };
  const done = patiently(activate(options));

  await expect(done).rejects.toMatchObject({
    kind: "quorum-not-reached",
    retryable: true,
    message: "Quorum not reached. Version 2 not activated.",
  });
  expect([count, said, (await store.activation())?.version]).toEqual([16, [], "1"]);
});

const turn = (holder: string) => ({ name: "activation", holder });

test("a second activation waits for the first, and has nothing to do when that was for its version", async () => {
  const store = versioned(["1", "2"], "1");
  const { run, modes, heard } = await setup(store);

  expect(await Promise.all([run("2"), run("2", { holder: "h2" })])).toEqual([true, true]);

  expect(modes()).toEqual(["nocache", "cache"]);
  expect(heard.filter(({ type }) => type === "ping")).toHaveLength(4);
});

test("activations of two versions follow each other, and do not mix", async () => {
  const store = versioned(["1", "2", "3"], "1");
  const { run, heard } = await setup(store);

  await Promise.all([run("2"), run("3", { holder: "h2" })]);

  const said = heard.flatMap((message) =>
    message.type === "activate" ? [[message.cache_mode, message.until_version]] : [],
  );
  expect(said).toEqual([
    ["nocache", "2"],
    ["cache", "2"],
    ["nocache", "3"],
    ["cache", "3"],
  ]);
  expect(await store.activation()).toMatchObject({ version: "3" });
});

test("the turn of an activation ends with it, also when it fails", async () => {
  const store = versioned(["1", "2"], "1");
  const failing = { ...store, activate: async () => Promise.reject(new Error("no connection")) };
  const { run, registry } = await setup(store);

  await run("2", { store: failing }).catch(() => {});

  expect(await registry.takeTurn(turn("h2"), 1_000)).toBeNull();
});

test("whoever died in its turn holds up the others until that turn is over, and no longer", async () => {
  const store = versioned(["1", "2"], "1");
  const { run, registry, clock } = await setup(store);
  await registry.takeTurn(turn("dead"), 3_000);
  const before = clock.now();

  expect(await run("2")).toBe(true);

  expect(clock.now() - before).toBe(3_500);
});

test("a word to cache again that cannot be sent does not undo the switch", async () => {
  const store = versioned(["1", "2"], "1");
  const { run, quorum } = await setup(store);
  const mute = {
    headCount: (ms: number) => quorum.headCount(ms),
    publish: async (message: QuorumMessage) => {
      if (message.type === "activate" && message.cache_mode === "cache") throw new Error("no connection");
      await quorum.publish(message);
    },
  };

  expect(await run("2", { quorum: mute })).toBe(true);
  expect(await store.activation()).toMatchObject({ version: "2" });
});

test("the first count warms up; the others are equal and not 0", () => {
  expect([agrees([0, 3, 3, 3]), agrees([3, 3, 3, 2]), agrees([3, 0, 0, 0]), agrees([])]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
