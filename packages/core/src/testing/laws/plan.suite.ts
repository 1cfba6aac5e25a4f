import { expect } from "vitest";
import { planId } from "../../brand.js";
import { HotMeshError } from "../../errors.js";
import type { Plan } from "../../plan/plan.js";
import { opening } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

/** A plan without graphs: a store never looks inside. */
function plan(version: string, id: string, settings: Plan["settings"] = { by: id }): Plan {
  return { format: 1, id: planId(id), app: "laws", version, settings, graphs: [] };
}

const stored = law("a deployed plan is loaded as it was", async ({ backend }) => {
  const settings = { deep: [{ "": null, text: "ü\n" }], list: [] };

  expect(await backend.store.deploy(plan("1", "p1", settings))).toBe("stored");

  const loaded = await backend.store.loadPlans(new Set([planId("p1"), planId("unknown")]));
  expect([...loaded]).toEqual([["p1", plan("1", "p1", settings)]]);
  expect((await backend.store.loadPlans(new Set())).size).toBe(0);
});

const twice = law("a plan that is deployed twice is there once", async ({ backend, another }) => {
  const other = await another();
  await backend.store.deploy(plan("1", "p1"));

  expect(await other.store.deploy(plan("1", "p1"))).toBe("unchanged");
  await backend.store.activate("1");
  expect(await backend.store.deploy(plan("1", "p1"))).toBe("unchanged");
  expect(await other.store.versions()).toHaveLength(1);
});

const forged = law("another plan under the id of one that is stored is refused", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));

  await expect(backend.store.deploy(plan("1", "p1", "other"))).rejects.toThrow();
  await expect(backend.store.deploy(plan("2", "p1"))).rejects.toThrow();

  expect([...(await backend.store.loadPlans(new Set([planId("p1")])))]).toEqual([["p1", plan("1", "p1")]]);
  expect(await backend.store.versions()).toHaveLength(1);
});

const replaced = law("a version that is not active is replaced", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));

  const outcome = await backend.store.deploy(plan("1", "p2"));

  expect(outcome).toBe("stored");
  expect(await backend.store.versions()).toMatchObject([{ version: "1", plan: "p2", status: "deployed" }]);
  expect(await backend.store.activate("1")).toMatchObject({ plan: "p2" });
});

const active = law("the active version is not replaced by another plan", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));
  const activation = await backend.store.activate("1");

  const outcome = await backend.store.deploy(plan("1", "p2"));

  expect(outcome).toBe("version-active");
  expect(await backend.store.activation()).toEqual(activation);
  expect(await backend.store.versions()).toMatchObject([{ version: "1", plan: "p1", status: "activated" }]);
  expect((await backend.store.loadPlans(new Set([planId("p2")]))).size).toBe(0);
});

const pinned = law("a plan that jobs may run on outlives its version's replacement", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));
  await backend.store.activate("1");
  await backend.store.deploy(plan("2", "p2"));
  await backend.store.activate("2");

  await backend.store.deploy(plan("1", "p3"));

  expect((await backend.store.loadPlans(new Set([planId("p1")]))).size).toBe(1);
});

const inert = law("a deployed version is inert until it is activated", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));

  const program = ledger({}, { reads: { activation: true } });
  const report = await backend.store.step({ limit: 0, events: [opening("a")] }, program);

  expect(await backend.store.activation()).toBeNull();
  expect([report.activation, program.snapshots[0]?.activation]).toEqual([null, null]);
});

const unknown = law("activating a version that was never deployed is refused", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));
  const before = await backend.store.activate("1");

  const refusal = await backend.store.activate("2").catch((thrown: unknown) => thrown);

  expect(HotMeshError.is(refusal) && [refusal.kind, refusal.code]).toEqual(["version-not-found", 404]);
  expect(await backend.store.activation()).toEqual(before);
});

const epochs = law("the epoch grows with every switch, and back is a switch too", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));
  await backend.store.deploy(plan("2", "p2"));

  const switches = [
    await backend.store.activate("1"),
    await backend.store.activate("2"),
    await backend.store.activate("1"),
  ];

  expect(switches.map(({ version, plan }) => [version, plan])).toEqual([
    ["1", "p1"],
    ["2", "p2"],
    ["1", "p1"],
  ]);
  const [first = 0, second = 0, third = 0] = switches.map(({ epoch }) => epoch);
  expect(first < second && second < third).toBe(true);
  expect(await backend.store.activation()).toEqual(switches[2]);
});

const listed = law("versions are listed in the order of their deployment", async ({ backend, clock }) => {
  const deployedAt = clock.now();
  for (const version of ["2", "10", "1.0.0-beta"]) {
    await backend.store.deploy(plan(version, `plan ${version}`));
    clock.advance(1_000);
  }
  const activatedAt = clock.now();
  await backend.store.activate("10");

  expect(await backend.store.versions()).toEqual([
    { version: "2", plan: "plan 2", status: "deployed", deployedAt, activatedAt: null },
    { version: "10", plan: "plan 10", status: "activated", deployedAt: deployedAt + 1_000, activatedAt },
    {
      version: "1.0.0-beta",
      plan: "plan 1.0.0-beta",
      status: "deployed",
      deployedAt: deployedAt + 2_000,
      activatedAt: null,
    },
  ]);
  await backend.store.activate("2");
  expect((await backend.store.versions()).map(({ status }) => status)).toEqual(["activated", "deployed", "deployed"]);
});

const asked = law("a step sees the active version if it asks for it", async ({ backend }) => {
  await backend.store.deploy(plan("1", "p1"));
  const activation = await backend.store.activate("1");
  const [asking, other] = [ledger({}, { reads: { activation: true } }), ledger()];

  const seen = await backend.store.step({ limit: 0, events: [opening("a")] }, asking);
  const unseen = await backend.store.step({ limit: 0, events: [opening("b")] }, other);

  expect([seen.activation, asking.snapshots[0]?.activation]).toEqual([activation, activation]);
  expect([unseen.activation, other.snapshots[0]?.activation]).toEqual([null, null]);
});

const exact = law("once an activation has returned no step sees the version before", async ({ backend, another }) => {
  const other = await another();
  await backend.store.deploy(plan("1", "p1"));
  await backend.store.deploy(plan("2", "p2"));
  await backend.store.activate("1");
  const start = async (id: string): Promise<string | undefined> => {
    const program = ledger({}, { reads: { activation: true } });
    return (await other.store.step({ limit: 0, events: [opening(id)] }, program)).activation?.version;
  };

  const during = [start("a"), start("b"), start("c")];
  await backend.store.activate("2");
  const afterwards = await Promise.all([start("d"), start("e")]);

  expect(["1", "2"]).toEqual(expect.arrayContaining(await Promise.all(during)));
  expect(afterwards).toEqual(["2", "2"]);
});

const waits = law(
  "an activation waits for steps that have read the version before",
  async ({ backend, another, transact }) => {
    const other = await another();
    await backend.store.deploy(plan("1", "p1"));
    await backend.store.deploy(plan("2", "p2"));
    await backend.store.activate("1");
    const order: string[] = [];
    let switched: Promise<unknown> = Promise.resolve();

    await transact("commit", async (within) => {
      const program = ledger({}, { reads: { activation: true } });
      await backend.store.step({ limit: 0, events: [opening("a")], within }, program);
      switched = other.store.activate("2").then(() => order.push("switched"));
      // Round trips in which an activation that does not wait would be done.
      await backend.store.versions();
      await backend.store.versions();
      order.push("commits");
    });
    await switched;

    expect(order).toEqual(["commits", "switched"]);
  },
  ["transact"],
);

export const planLaws: readonly Law[] = [
  stored,
  twice,
  forged,
  replaced,
  active,
  pinned,
  inert,
  unknown,
  epochs,
  listed,
  asked,
  exact,
  waits,
];
