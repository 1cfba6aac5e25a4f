import type { StreamData, WorkerAnswer } from "@hotmesh/worker";
import { expect, test } from "vitest";
import { usualPolicy, workflowRetries } from "./retry-config.js";
import { type FunctionsOf, WorkflowQueue } from "./workflow-queue.js";

const message: StreamData = { metadata: { guid: "m1", aid: "main" }, data: {} };
const execution = { signal: new AbortController().signal };

function functions(names: readonly string[], over: Partial<FunctionsOf> = {}): FunctionsOf {
  return {
    functions: new Map(names.map((name) => [name, async () => name])),
    concurrency: 1,
    policy: usualPolicy(workflowRetries),
    isLive: () => true,
    run: async (fn) => ({ data: { by: await fn() } }),
    ...over,
  };
}

/** What each entry would do with a message; null: it takes none. */
async function tried(queue: WorkflowQueue): Promise<readonly unknown[]> {
  return Promise.all(
    queue.entries.map(async ({ name, callback, hasRoom }) =>
      hasRoom?.() === true ? { [String(name)]: (await callback(message, execution))?.data } : null,
    ),
  );
}

test("a queue has the functions of all its workers, as long as they are there", async () => {
  const queue = new WorkflowQueue();
  const leave = queue.serve(functions(["fire", "glaze"], { concurrency: 2 }));
  queue.serve(functions(["dry"]));
  expect(await tried(queue)).toEqual([{ fire: { by: "fire" } }, { glaze: { by: "glaze" } }, { dry: { by: "dry" } }]);

  leave();
  leave();

  expect(queue.entries.map(({ name }) => name)).toEqual(["dry"]);
});

test("a worker has room for so many functions at once as it says, whichever they are", async () => {
  const queue = new WorkflowQueue();
  const ends: ((answer: WorkerAnswer) => void)[] = [];
  const run = () => new Promise<WorkerAnswer>((resolve) => ends.push(resolve));
  queue.serve(functions(["fire", "glaze"], { concurrency: 2, run }));
  const [fire, glaze] = queue.entries;
  const room = () => [fire?.hasRoom?.(), glaze?.hasRoom?.()];

  const running = [fire?.callback(message, execution)];
  expect(room()).toEqual([true, true]);
  running.push(fire?.callback(message, execution));
  expect(room()).toEqual([false, false]);

  for (const end of ends) end({});
  await Promise.all(running);
  expect(room()).toEqual([true, true]);
});

test("a worker that has been stopped takes nothing", async () => {
  const queue = new WorkflowQueue();
  let isLive = true;
  queue.serve(functions(["fire"], { isLive: () => isLive }));
  isLive = false;

  expect(await tried(queue)).toEqual([null]);
});
