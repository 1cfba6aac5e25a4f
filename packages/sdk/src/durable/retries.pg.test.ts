import { afterAll, beforeEach, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { DurableFatalError, DurableMaxedError, DurableTimeoutError } from "./errors.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("retries");
afterAll(() => scene.close());

const quick = { initialInterval: "20ms", backoffCoefficient: 2, maximumInterval: "10s" };

/** When each execution began. */
let begun: number[] = [];
beforeEach(() => {
  begun = [];
});
const gaps = () => begun.slice(1).map((at, index) => at - (begun[index] ?? 0));

/** Fails until it has been executed so often. */
function failing(until: number, error: () => unknown = () => new Error(`failure ${begun.length}`)): string {
  begun.push(Date.now());
  if (begun.length < until) throw error();
  return `done after ${begun.length}`;
}

async function flaky(until: number) {
  return failing(until);
}

test("C9 an activity with two retries may fail twice, with growing gaps in between", async () => {
  async function patient() {
    const retry = { ...quick, maximumAttempts: 2, initialInterval: "100ms" };
    return workflow.proxyActivities<{ flaky: typeof flaky }>({ activities: { flaky }, retry }).flaky(3);
  }
  await scene.work("patient", patient);

  expect(await scene.run("patient", "patient")).toBe("done after 3");

  const [first = 0, second = 0] = gaps();
  expect(first).toBeGreaterThanOrEqual(199);
  expect(second).toBeGreaterThanOrEqual(399);
});

test("C9 without a policy of its own an activity has that of its workflow", async () => {
  async function inheriting() {
    return workflow.proxyActivities<{ flaky: typeof flaky }>().flaky(9);
  }
  await scene.work("inheriting", inheriting);

  const failed = scene.run("inheriting", "inheriting", { config: { ...quick, maximumAttempts: 1 } });

  await expect(failed).rejects.toMatchObject({ code: 598, message: "failure 2" });
  expect(begun).toHaveLength(2);
});

test("C9 a workflow function is tried again by its policy, and does not repeat what is recorded", async () => {
  let counted = 0;
  async function count() {
    counted += 1;
    return counted;
  }
  async function stubborn() {
    await workflow.proxyActivities<{ count: typeof count }>({ activities: { count } }).count();
    return failing(3);
  }
  await scene.work("stubborn", stubborn);

  expect(await scene.run("stubborn", "stubborn", { config: { ...quick, maximumAttempts: 5 } })).toBe("done after 3");

  expect(counted).toBe(1);
  expect(gaps()[1]).toBeGreaterThanOrEqual(79);
});

test("C9 a workflow that was started without a policy has that of its worker", async () => {
  async function ordinary() {
    return failing(9);
  }
  await scene.work("ordinary", ordinary, { options: { ...quick, maximumAttempts: 2 } });

  await expect(scene.run("ordinary", "ordinary")).rejects.toMatchObject({ code: 597, message: "failure 3" });
  expect(begun).toHaveLength(3);
});

test("C9 the initial interval of a start is obeyed", async () => {
  async function slow() {
    return failing(3);
  }
  await scene.work("slow", slow);

  const config = { maximumAttempts: 5, initialInterval: "500ms", backoffCoefficient: 2, maximumInterval: "1 minute" };
  expect(await scene.run("slow", "slow", { config })).toBe("done after 3");

  const [first = 0, second = 0] = gaps();
  expect(first).toBeGreaterThanOrEqual(999);
  expect(second).toBeGreaterThanOrEqual(1_999);
});

test("C9 messages carry the policies of what they ask for", async () => {
  async function held() {
    const config = (maximumAttempts: number, maximumInterval: string) => ({ maximumAttempts, maximumInterval });
    const unserved = (retry: object) =>
      workflow.proxyActivities<{ flaky: typeof flaky }>({ taskQueue: "nobody", retry });
    await Promise.all([
      unserved(config(1, "10s")).flaky(1),
      unserved(config(2, "20s")).flaky(1),
      unserved({ ...config(3, "2 minutes"), backoffCoefficient: 3 }).flaky(1),
    ]);
  }
  await scene.work("held", held);
  const handle = await scene.start("held", "held");

  await expect.poll(async () => (await scene.rows("worker_streams where stream_name like '%nobody%'")).length).toBe(3);
  const rows = await scene.sql(
    `select max_retry_attempts as attempts, backoff_coefficient::float as coefficient,
      maximum_interval_seconds::float as cap, count(*)::int as n
      from "${scene.namespace}".worker_streams where jid = $1 and topic = 'nobody-activity'
      group by 1, 2, 3 order by 1`,
    [handle.workflowId],
  );

  expect(rows).toEqual([
    { attempts: 2, coefficient: 10, cap: 10, n: 1 },
    { attempts: 3, coefficient: 10, cap: 20, n: 1 },
    { attempts: 4, coefficient: 3, cap: 120, n: 1 },
  ]);
  await handle.terminate();
});

test.each([
  ["DurableFatalError", DurableFatalError, 598],
  ["DurableMaxedError", DurableMaxedError, 597],
  ["DurableTimeoutError", DurableTimeoutError, 596],
] as const)("C10 %s ends a workflow function at once, with its own message", async (name, Failure, code) => {
  const fnName = `fatal${code}`;
  const fn = {
    [fnName]: async () => {
      begun.push(Date.now());
      throw new Failure("the kiln is broken");
    },
  };
  await scene.work(fnName, fn);
  const handle = await scene.start(fnName, fnName);

  const error = await handle.result().catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ message: "the kiln is broken", code, name, type: name, job_id: handle.workflowId });
  expect((error as Error).stack).toContain("retries.pg.test");
  expect(begun).toHaveLength(1);
  expect(await handle.status()).toBe(0);
  expect(await handle.result({ throwOnError: false })).toMatchObject({ message: "the kiln is broken", code, name });
  expect(await handle.state()).toMatchObject({ done: true, $error: { message: "the kiln is broken", code } });
});

test("C10 a fatal error of an activity is not tried again, and ends its workflow with its message", async () => {
  async function refuse() {
    begun.push(Date.now());
    throw new DurableFatalError("no clay");
  }
  async function refused() {
    await workflow.proxyActivities<{ refuse: typeof refuse }>({ activities: { refuse } }).refuse();
  }
  await scene.work("refused", refused);

  await expect(scene.run("refused", "refused")).rejects.toMatchObject({ message: "no clay", code: 598 });
  expect(begun).toHaveLength(1);
});

test("C10 the last error of a function whose retries are exhausted is that of its workflow", async () => {
  async function hopeless() {
    return failing(99);
  }
  await scene.work("hopeless", hopeless);
  const handle = await scene.start("hopeless", "hopeless", { config: { ...quick, maximumAttempts: 1 } });

  const error = await handle.result().catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: 597, message: "failure 2", name: "Error", type: "DurableMaxedError" });
  expect((error as Error).stack).toContain("failing");
  expect(begun).toHaveLength(2);
});

test("C50 an error with a code of somebody else is tried again", async () => {
  const refused = () => Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  async function dial() {
    return failing(2, refused);
  }
  async function dialling() {
    return workflow.proxyActivities<{ dial: typeof dial }>({ activities: { dial }, retry: quick }).dial();
  }
  async function throwing() {
    return failing(2, () => Object.assign(new Error("teapot"), { code: 418 }));
  }
  await scene.work("dialling", { dialling, throwing });

  expect(await scene.run("dialling", "dialling")).toBe("done after 2");
  begun = [];
  expect(await scene.run("dialling", "throwing", { config: quick })).toBe("done after 2");
});

test("a policy that cannot be obeyed is refused", async () => {
  const start = (config: object) => scene.start("any", "any", { config });

  await expect(start({ maximumAttempts: -1 })).rejects.toMatchObject({ kind: "invalid-argument" });
  await expect(start({ initialInterval: "soon" })).rejects.toMatchObject({
    kind: "invalid-argument",
    message: "initialInterval is 'soon'; expected a duration such as '30s'",
  });
});
