import { Client } from "pg";
import { afterAll, expect, inject, test, vi } from "vitest";
import { Durable, HotMesh, proxyActivities, Virtual, workflow } from "../index.js";
import { DurableScene } from "../testing/durable-scene.js";

const scene = new DurableScene("functions");
afterAll(async () => {
  await Virtual.shutdown();
  await scene.close();
});

async function weigh(parcel: string) {
  return parcel.length;
}

const { weigh: weighed } = proxyActivities<{ weigh: typeof weigh }>({ activities: { weigh } });

/** Waits until somebody says that the door is open. */
async function deliver(parcel: string) {
  const grams = await weighed(parcel);
  const door = await Durable.workflow.waitFor<{ by: string }>(`door ${parcel}`);
  return { parcel, grams, door };
}

/** Waits for a quarter of a second and no longer. */
async function ring(parcel: string) {
  return workflow.waitFor(`bell ${parcel}`, "250ms");
}

test("S58 a signal resumes a function that waits in waitFor, also when it comes first", async () => {
  const worker = await scene.work("van", { deliver, ring });
  const late = await scene.start("van", "deliver", { args: ["P1"] });
  await vi.waitFor(async () => {
    expect(await scene.rows("hooks where signal_key = 'door P1'")).toMatchObject([{ job_id: late.workflowId }]);
  }, 5_000);
  await late.signal("door P1", { by: "neighbour" });
  const early = await scene.start("van", "deliver", { args: ["P2"] });
  await scene.client.workflow.signal("door P2", { by: "cat" }, scene.namespace);

  expect(await late.result()).toEqual({ parcel: "P1", grams: 2, door: { by: "neighbour" } });
  expect(await early.result()).toEqual({ parcel: "P2", grams: 2, door: { by: "cat" } });
  expect(await scene.run("van", "ring", { args: ["P3"] })).toBe(false);
  await worker.stop();
});

test("S108 functions need no graphs with Durable and Virtual, beside an app of graphs", async () => {
  const connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
  const namespace = scene.another("calls");
  const worker = await scene.work("desk", { deliver });
  await Virtual.connect({ topic: "add", connection, namespace, callback: async (a: number, b: number) => a + b });
  const graphs = await HotMesh.init({ appId: scene.another("graphs"), logLevel: "silent", engine: { connection } });
  const graph = "{ subscribes: hail, activities: { t: { type: trigger } } }";
  await graphs.deploy(`app: { id: ${graphs.appId}, version: '1', graphs: [ ${graph} ] }`);
  await graphs.activate("1", 20);
  const delivery = await scene.start("desk", "deliver", { args: ["P9"] });

  expect(await Virtual.exec({ topic: "add", args: [40, 2], connection, namespace })).toBe(42);
  expect((await graphs.pubsub("hail", {})).metadata["state"]).toBe("completed");
  await delivery.signal("door P9", { by: "you" });
  expect(await delivery.result()).toEqual({ parcel: "P9", grams: 2, door: { by: "you" } });
  await graphs.stop();
  await worker.stop();
});
