import { afterAll, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("signals");
afterAll(() => scene.close());

async function greet(name: string) {
  return `Hello, ${name}`;
}
async function cousin(name: string) {
  return `cousin ${name}`;
}

const proxy = () => workflow.proxyActivities<{ greet: typeof greet }>({ activities: { greet } });
const child = (workflowId: string) => ({ workflowName: "cousin", taskQueue: "after", args: ["Ada"], workflowId });

const after = {
  cousin,
  async thenActivity(id: string) {
    await workflow.condition(id);
    return proxy().greet("Ada");
  },
  async thenActivities(id: string) {
    await workflow.condition(id);
    return Promise.all([proxy().greet("Ada"), proxy().greet("Grace")]);
  },
  async thenChild(id: string) {
    await workflow.condition(id);
    return workflow.executeChild(child(`${id}-child`));
  },
  async thenStart(id: string) {
    await workflow.condition(id);
    return workflow.startChild(child(`${id}-child`));
  },
  async thenBoth(id: string) {
    await workflow.condition(id);
    return Promise.all([workflow.executeChild(child(`${id}-one`)), workflow.startChild(child(`${id}-two`))]);
  },
};

test.each([
  ["thenActivity", "Hello, Ada"],
  ["thenActivities", ["Hello, Ada", "Hello, Grace"]],
  ["thenChild", "cousin Ada"],
  ["thenStart", "thenStart-child"],
  ["thenBoth", ["cousin Ada", "thenBoth-two"]],
])("C3 after a signal: %s", async (name, expected) => {
  const worker = await scene.work("after", after);
  const handle = await scene.start("after", name, { args: [name] });
  await expect.poll(async () => (await scene.rows(`hooks where job_id = '${handle.workflowId}'`)).length).toBe(2);

  await handle.signal(name, { go: true });

  expect(await handle.result()).toEqual(expected);
  await worker.stop();
});

const waits = {
  async two(one: string, other: string) {
    return Promise.all([workflow.condition(one), workflow.condition(other)]);
  },
  async timed(id: string, timeout: string) {
    return workflow.condition(id, timeout);
  },
  async many(count: number) {
    return Promise.all(Array.from({ length: count }, (_, n) => workflow.condition(`many-${n}`)));
  },
  async twice(id: string) {
    return [await workflow.condition(id), await workflow.condition(id)];
  },
  async ringing(id: string) {
    return workflow.signal(id, { from: workflow.workflowInfo().workflowId });
  },
};

test("C14 two waits at once are answered by a handle and by a client", async () => {
  await scene.work("waits", waits);
  const handle = await scene.start("waits", "two", { args: ["bell", "knock"] });
  await expect.poll(async () => (await scene.rows("hooks where signal_key like '%knock%'")).length).toBe(1);

  await handle.signal("knock", 2);
  await scene.client.workflow.signal("bell", "one", scene.namespace);

  expect(await handle.result()).toEqual(["one", 2]);
});

test("C14 a signal within the timeout is the payload, and the timeout without one is false", async () => {
  const answered = await scene.start("waits", "timed", { args: ["in-time", "20s"] });
  const silent = await scene.start("waits", "timed", { args: ["never", "300ms"] });

  await answered.signal("in-time", { paid: 12 });

  expect(await answered.result()).toEqual({ paid: 12 });
  expect(await silent.result()).toBe(false);
});

test("C14 signals that came before their waits are found by them, in the order of the waits", async () => {
  const numbers = Array.from({ length: 25 }, (_, n) => n);
  await Promise.all(numbers.map((n) => scene.client.workflow.signal(`many-${n}`, { n }, scene.namespace)));

  const result = await scene.run("waits", "many", { args: [25] });

  expect(result).toEqual(numbers.map((n) => ({ n })));
});

test("a signal after the first was consumed satisfies a later wait on the same id", async () => {
  const handle = await scene.start("waits", "twice", { args: ["again"] });
  await handle.signal("again", 1);
  await expect.poll(async () => (await scene.rows("activities where activity_id = 'wait'")).length).toBeGreaterThan(0);
  await handle.signal("again", 2);

  expect(await handle.result()).toEqual([1, 2]);
});

test("a signal without data resolves the wait with null, and one from a workflow arrives like any other", async () => {
  const handle = await scene.start("waits", "timed", { args: ["empty", "20s"] });
  await handle.signal("empty");
  expect(await handle.result()).toBeNull();

  const woken = await scene.start("waits", "timed", { args: ["ring", "20s"] });
  const ringing = await scene.start("waits", "ringing", { args: ["ring"] });
  expect(await woken.result()).toEqual({ from: ringing.workflowId });
});
