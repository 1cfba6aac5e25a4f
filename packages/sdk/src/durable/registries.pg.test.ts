import { afterAll, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("registries");
afterAll(() => scene.close());

async function weigh(grams: number) {
  return grams / 1_000;
}

async function weighing(grams: number) {
  return workflow.proxyActivities<{ weigh: typeof weigh }>().weigh(grams);
}

async function weighingElsewhere(grams: number) {
  return workflow.proxyActivities<{ weigh: typeof weigh }>({ taskQueue: "scales" }).weigh(grams);
}

async function labelling() {
  const { label } = workflow.proxyActivities<{ label(): Promise<string> }>({ taskQueue: "labels" });
  return label();
}

test("C7 activities of a worker are called by a proxy that knows only their type", async () => {
  await scene.work("weighing", { weighing, weighingElsewhere, labelling }, { activities: { weigh } });

  expect(await scene.run("weighing", "weighing", { args: [420] })).toBe(0.42);
});

test("C7 activities are called on the queue of another worker", async () => {
  await scene.work("scales", async function idle() {});

  expect(await scene.run("weighing", "weighingElsewhere", { args: [1_500] })).toBe(1.5);
});

test("C7 an activity worker serves activities under their names, also those of default exports", async () => {
  const { connection, namespace } = scene;
  const module = {
    default: async function label() {
      return `for ${Durable.activity.getContext().workflowTopic}`;
    },
  };

  const hotMesh = await Durable.registerActivityWorker({ connection, namespace }, module, "labels");
  const again = await Durable.registerActivityWorker({ connection, namespace }, module, "labels");

  expect(again).toBe(hotMesh);
  expect(await scene.run("weighing", "labelling")).toBe("for labels-activity");
});

test("an activity that nobody has registered is asked for again, by its policy", async () => {
  async function lost() {
    const { nowhere } = workflow.proxyActivities<{ nowhere(): Promise<void> }>({
      retry: { maximumAttempts: 1, initialInterval: "10ms", maximumInterval: "10ms" },
    });
    await nowhere();
  }
  await scene.work("lost", lost);

  await expect(scene.run("lost", "lost")).rejects.toMatchObject({
    message: "Activity 'nowhere' not found in registry",
    code: 598,
  });
});

test("what an activity may know of its call names the workflow, the activity and its position", async () => {
  let seen: unknown;
  async function look() {
    const { signal, ...context } = Durable.activity.getContext();
    seen = { ...context, isAborted: signal.aborted };
  }
  async function looking() {
    await workflow.proxyActivities<{ look(): void }>({ activities: { look }, headers: { tenant: "blue" } }).look();
  }
  await scene.work("looking", looking);

  await scene.run("looking", "looking", { workflowId: "L1" });

  expect(seen).toEqual({
    activityName: "look",
    arguments: [],
    headers: { tenant: "blue" },
    workflowId: "-L1-$look-1",
    workflowTopic: "looking-activity",
    isAborted: false,
  });
  expect(() => Durable.activity.getContext()).toThrow("inside an activity");
});

async function late(name: string) {
  return `late ${name}`;
}

test("C8 a workflow that was started before its worker was there completes", async () => {
  const handle = await scene.start("late", "late", { args: ["Ada"] });
  expect(await handle.status()).toBeGreaterThan(0);

  await scene.work("late", late);

  expect(await handle.result()).toBe("late Ada");
});

test("C8 two workers on one queue serve each other's functions, over one connection", async () => {
  const count = async () => {
    const [row] = await scene.sql("select count(*)::int as n from pg_stat_activity where datname = current_database()");
    return Number(row?.["n"]);
  };
  const one = await scene.work("shared", { one: async () => "one" });
  await Promise.all(Array.from({ length: 20 }, () => scene.run("shared", "one")));
  const before = await count();

  const two = await scene.work("shared", { two: async () => "two" });
  const results = await Promise.all(
    ["one", "two", "one", "two", "two", "one"].map((name) => scene.run("shared", name)),
  );

  expect(results).toEqual(["one", "two", "one", "two", "two", "one"]);
  expect(await count()).toBeLessThanOrEqual(before + 1);
  await one.stop();
  expect(await scene.run("shared", "two")).toBe("two");
  await two.stop();
});

test("when the worker stops that consumes the activities of a queue, another one goes on with them", async () => {
  async function calling() {
    return workflow.proxyActivities<{ weigh: typeof weigh }>().weigh(1_000);
  }
  const one = await scene.work("handing-on", { calling });
  const two = await scene.work("handing-on", { calling });
  expect(await scene.run("handing-on", "calling")).toBe(1);

  await one.stop();

  expect(await scene.run("handing-on", "calling")).toBe(1);
  await two.stop();
});

test("C61 a worker never runs more functions and more activities at once than its concurrency", async () => {
  const now = { functions: 0, activities: 0 };
  const most = { functions: 0, activities: 0 };
  const during = async (what: keyof typeof now, run: () => Promise<unknown>) => {
    now[what] += 1;
    most[what] = Math.max(most[what], now[what]);
    await run();
    now[what] -= 1;
  };
  async function chop() {
    await during("activities", () => new Promise((resolve) => setTimeout(resolve, 20)));
  }
  async function chopping() {
    await during("functions", () => new Promise((resolve) => setTimeout(resolve, 5)));
    await Promise.all([1, 2, 3].map(() => workflow.proxyActivities<{ chop(): void }>({ activities: { chop } }).chop()));
  }
  await scene.work("chopping", chopping, { options: { concurrency: 2 } });
  await scene.work("chopping", { other: async () => {} });

  await Promise.all(Array.from({ length: 10 }, () => scene.run("chopping", "chopping")));

  expect(most).toEqual({ functions: 2, activities: 2 });
});

test("what an activity opens is not part of it", async () => {
  async function inner() {
    return activityOf(() => Durable.activity.getContext());
  }
  async function opening() {
    await scene.work("opened", inner);
    return scene.run("opened", "inner");
  }
  async function outer() {
    return workflow.proxyActivities<{ opening: typeof opening }>({ activities: { opening } }).opening();
  }
  await scene.work("outer", outer);

  expect(await scene.run("outer", "outer")).toBe("none");
});

function activityOf(look: () => { readonly activityName: string }): string {
  try {
    return look().activityName;
  } catch {
    return "none";
  }
}
