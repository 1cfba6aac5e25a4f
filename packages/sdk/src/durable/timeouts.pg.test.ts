import { afterAll, expect, test, vi } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("timeouts");
afterAll(() => scene.close());

const signals: AbortSignal[] = [];

async function ponder(ms: number) {
  const { signal } = Durable.activity.getContext();
  signals.push(signal);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return "thought";
}

interface Given {
  readonly ms: number;
  readonly startToCloseTimeout: string;
  readonly throwOnError?: boolean;
  readonly taskQueue?: string;
}

async function pondering({ ms, throwOnError = true, ...where }: Given) {
  return workflow.proxyActivities<{ ponder: typeof ponder }>({ ...where, retry: { throwOnError } }).ponder(ms);
}

test("C11 an activity that ends in time passes", async () => {
  await scene.work("pondering", pondering, { activities: { ponder } });

  const args = [{ ms: 10, startToCloseTimeout: "30s" }];
  expect(await scene.run("pondering", "pondering", { args })).toBe("thought");
});

test("C11 one that takes too long ends with 596, at once and without retry, and learns of it", async () => {
  signals.length = 0;

  const run = scene.run("pondering", "pondering", { args: [{ ms: 600, startToCloseTimeout: "100ms" }] });

  await expect(run).rejects.toMatchObject({
    code: 596,
    message: "Activity 'ponder' did not end within 100 ms",
    type: "DurableTimeoutError",
  });
  expect(signals).toHaveLength(1);
  expect(signals[0]?.aborted).toBe(true);
  expect(signals[0]?.reason).toMatchObject({ name: "DurableTimeoutError" });
});

test("C11 with throwOnError: false it gives an object", async () => {
  const args = [{ ms: 600, startToCloseTimeout: "100ms", throwOnError: false }];

  expect(await scene.run("pondering", "pondering", { args })).toMatchObject({
    code: 596,
    message: "Activity 'ponder' did not end within 100 ms",
    stack: expect.any(String),
  });
});

test("C44 a worker that serves activities alone ends them in time as well", async () => {
  const { connection, namespace } = scene;
  await Durable.registerActivityWorker({ connection, namespace }, { ponder }, "thinkers");

  const args = [{ ms: 600, startToCloseTimeout: "100ms", taskQueue: "thinkers" }];
  await expect(scene.run("pondering", "pondering", { args })).rejects.toMatchObject({ code: 596 });
});

test("an activity whose workflow is terminated learns of it when its lease is to be extended", async () => {
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_S", "1");
  let reason: unknown;
  async function watch() {
    const { signal } = Durable.activity.getContext();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reason = signal.reason;
  }
  async function watching() {
    await workflow.proxyActivities<{ watch: typeof watch }>({ activities: { watch } }).watch();
  }
  await scene.work("watching", watching);
  vi.unstubAllEnvs();
  const handle = await scene.start("watching", "watching");
  await expect.poll(async () => (await scene.rows("worker_streams where reserved_by is not null")).length).toBe(1);

  await handle.terminate({ throw: false });

  await expect.poll(() => reason, { timeout: 5_000 }).toMatchObject({ name: "LeaseExpiredError" });
});
