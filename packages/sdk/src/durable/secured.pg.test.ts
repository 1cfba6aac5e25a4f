import { afterAll, beforeAll, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("secured");
let role = "";

const activities = {
  async double(n: number) {
    return 2 * n;
  },
};
const proxy = () => workflow.proxyActivities<typeof activities>({ activities });

const functions = {
  async chain(n: number) {
    return proxy().double(await proxy().double(await proxy().double(n)));
  },
  async patching() {
    return workflow.patched("new");
  },
  async waiting(id: string) {
    return workflow.condition(id, "20s");
  },
  async family(n: number) {
    await workflow.sleep("10ms");
    return workflow.executeChild({ workflowName: "chain", args: [n] });
  },
};

beforeAll(async () => {
  const { connection, namespace, client } = scene;
  await client.getHotMeshClient(null, namespace);
  const streamNames = ["safe", "safe-activity"];
  const { roleName, password } = await Durable.provisionWorkerRole({ connection, namespace, streamNames });
  role = roleName;
  await scene.work("safe", functions, { workerCredentials: { user: roleName, password } });
});
afterAll(async () => {
  await scene.close();
  await scene.sql(`drop role if exists "${role}"`);
});

test("C28 a worker with a role of its own chains activities, patches, waits, and has children", async () => {
  expect(await scene.run("safe", "chain", { args: [1] })).toBe(8);
  expect(await scene.run("safe", "patching")).toBe(true);
  expect(await scene.run("safe", "family", { args: [2] })).toBe(16);
  const handle = await scene.start("safe", "waiting", { args: ["bell"] });
  await handle.signal("bell", "rung");
  expect(await handle.result()).toBe("rung");
  expect(await Promise.all([1, 2, 3].map((n) => scene.run("safe", "chain", { args: [n] })))).toEqual([8, 16, 24]);
});
