import { afterAll, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("first");
afterAll(() => scene.close());

interface Greetings {
  greet(name: string): Promise<string>;
}

const { greet } = workflow.proxyActivities<Greetings>({
  activities: {
    async greet(name: string) {
      return `Hello, ${name}`;
    },
  },
});

async function welcome(name: string) {
  return [workflow.random(), await greet(name), workflow.random()];
}

/** What `random()` draws at a position. */
function chance(counter: number): number {
  const value = Math.sin(counter) * 10_000;
  return value - Math.floor(value);
}

test("C1 the first run gives what its function returns, with random numbers at their positions", async () => {
  const connection = await Durable.Connection.connect(scene.connection);
  expect(connection).toEqual(scene.connection);
  const worker = await scene.work("welcome", welcome);
  expect(worker).toBeInstanceOf(Durable.Worker);

  const handle = await scene.start("welcome", "welcome", { args: ["Ada"], signalIn: false });

  expect(handle.workflowId).toMatch(/^H/);
  expect(await handle.result()).toEqual([chance(1), "Hello, Ada", chance(3)]);
  expect(await handle.status()).toBe(0);
});

test("C1 the row of a job is younger when it was last changed than when it was made", async () => {
  const [row] = await scene.rows("jobs");

  expect(row).toMatchObject({ topic: "workflow.run", state: "completed", status: "0" });
  expect(Number(row?.["updated_at"])).toBeGreaterThan(Number(row?.["created_at"]));
});

async function nap() {
  return workflow.sleep("1s");
}
async function silent() {
  await greet("nobody");
}
async function parent(id: string) {
  return workflow.executeChild({ workflowName: "silent", taskQueue: "family", args: [], workflowId: id });
}
async function begetter(id: string) {
  return workflow.startChild({ workflowName: "silent", taskQueue: "family", args: [], workflowId: id });
}
async function waiter(id: string) {
  return workflow.condition(id);
}
async function pair() {
  return Promise.all([greet("Ada"), greet("Grace")]);
}
async function dice() {
  return workflow.random();
}
async function greeter() {
  return greet("Ada");
}

test("C2 each primitive works alone", async () => {
  await scene.work("family", { nap, silent, parent, begetter, waiter, pair, dice, greeter });

  expect(await scene.run("family", "dice")).toBe(chance(1));
  expect(await scene.run("family", "greeter")).toBe("Hello, Ada");
  expect(await scene.run("family", "nap")).toBe(1);
  expect(await scene.run("family", "parent", { args: ["child-1"] })).toBeUndefined();
  expect(await scene.run("family", "begetter", { args: ["child-2"] })).toBe("child-2");
  expect(await scene.run("family", "pair")).toEqual(["Hello, Ada", "Hello, Grace"]);
  const handle = await scene.start("family", "waiter", { args: ["bell"] });
  await scene.client.workflow.signal("bell", { rung: true }, scene.namespace);
  expect(await handle.result()).toEqual({ rung: true });
  const { workflowId } = handle;
  const child = await scene.client.workflow.getHandle("family", "silent", "child-2", scene.namespace);
  expect(await child.result()).toBeUndefined();
  expect(workflowId).not.toBe(child.workflowId);
});
