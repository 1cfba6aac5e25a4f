import { Canceller } from "@hotmesh/core";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { message } from "./testing/builders.js";
import { Worker } from "./worker.js";

async function calm(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}

test.each([0, 5_000])(
  "F33 work that a step hands over to a worker while it stops is given back, drainMs: %i",
  async (drainMs) => {
    const clock = new TestClock();
    const { stream, sub } = memoryBackend({ clock });
    const begun: unknown[] = [];
    const callback = async ({ data }: { readonly data: unknown }) => void begun.push(data);
    const entries = [{ name: null, callback }];
    const worker = new Worker({ topic: "kiln.fire", entries, stream, sub, clock, guid: "Hw", drainMs });
    const claim = () => stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "step" });
    const cancel = new Canceller();
    const running = worker.run(cancel);
    await calm();
    const slots = worker.reserve();

    cancel.cancel();
    await calm();
    await stream.send([message("m1")]);
    const handed = (await claim()).leases;
    worker.accept(handed, slots);
    await running;

    expect([slots, handed.length, begun]).toEqual([10, 1, []]);
    expect((await claim()).leases.map(({ key }) => key)).toEqual(["m1"]);
  },
);
