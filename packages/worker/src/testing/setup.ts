import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { Worker } from "../worker.js";
import type { WorkerCallback } from "../worker-callback.js";
import type { WorkerOptions } from "../worker-options.js";

/** A worker of one topic over a storage in memory. */
export function setup(callback: WorkerCallback, over: Partial<WorkerOptions> = {}) {
  const clock = new TestClock();
  const backend = memoryBackend({ clock });
  const options: WorkerOptions = {
    topic: "kiln.fire",
    entries: [{ name: null, callback }],
    stream: backend.stream,
    sub: backend.sub,
    clock,
    guid: "Hw",
    random: () => 0.5,
    ...over,
  };
  return { clock, backend, worker: new Worker(options) };
}

/** A callback that ends when the test says so. */
export function gate() {
  const waiting: (() => void)[] = [];
  const callback: WorkerCallback = async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { data: {} };
  };
  const open = (): void => {
    for (const end of waiting.splice(0)) end();
  };
  return { callback, started: () => waiting.length, open };
}

/** Lets everything run that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
