import type { Sub, Subscription } from "@hotmesh/core";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { afterEach, expect, test } from "vitest";
import type { HotMeshConfig } from "./config.js";
import { HotMesh } from "./hotmesh.js";

const clock = new TestClock();

function config(guid: string, over: Partial<HotMeshConfig> = {}): HotMeshConfig {
  const backend = memoryBackend({ clock });
  const workers = [{ topic: "label.print", backend, callback: async () => ({}) }];
  return { appId: "harbour", guid, clock, logLevel: "silent", engine: { backend }, workers, ...over };
}

afterEach(() => HotMesh.stop());

test("S107 a global stop also stops an instance whose init is under way, and that init is refused", async () => {
  const events: string[] = [];
  const opening = HotMesh.init(config("van-17", { events: { publish: ({ type }) => void events.push(type) } }));
  const refused = expect(opening).rejects.toMatchObject({ kind: "stopped", code: 409 });

  await HotMesh.stop();

  expect(events.at(-1)).toBe("system.engine.harbour.stopped");
  await refused;
});

test("S107 an init during a global stop waits for its end, and is not stopped by it", async () => {
  await HotMesh.init(config("van-17"));
  const stopping = HotMesh.stop();
  let hasStopped = false;
  void stopping.then(() => {
    hasStopped = true;
  });

  const mesh = await HotMesh.init(config("van-18"));

  expect(hasStopped).toBe(true);
  await expect(mesh.throttle({ throttle: 0 })).resolves.toBe(true);
});

test.each(["lane", "lane/label.print", "quorum"])(
  "an init that fails when it listens to %s leaves no listener behind",
  async (refused) => {
    const backend = memoryBackend({ clock });
    const { sub } = backend;
    const open = new Set<object>();
    const noted = (subscription: Subscription): Subscription => {
      open.add(subscription);
      return { close: () => subscription.close().then(() => void open.delete(subscription)) };
    };
    const counting: Sub = {
      publish: (publications) => sub.publish(publications),
      onGap: (listener) => noted(sub.onGap(listener)),
      subscribe: async (channel, listener) => {
        if (channel === refused) throw new Error("cut");
        return noted(await sub.subscribe(channel, listener));
      },
    };
    const heard = { ...backend, sub: counting };
    const callback = async () => ({});
    const over = { engine: { backend: heard }, workers: [{ topic: "label.print", backend: heard, callback }] };

    await expect(HotMesh.init(config("van-17", over))).rejects.toThrow("cut");

    expect(open.size).toBe(0);
  },
);

test("an init during a global stop that fails does not fail with it", async () => {
  const backend = memoryBackend({ clock });
  const { sub } = backend;
  const cut: Sub = {
    publish: (publications) => sub.publish(publications),
    onGap: (listener) => sub.onGap(listener),
    subscribe: async (channel, listener) => {
      await sub.subscribe(channel, listener);
      return { close: () => Promise.reject(new Error("cut")) };
    },
  };
  await HotMesh.init(config("van-17", { engine: { backend: { ...backend, sub: cut } } }));

  const stopping = HotMesh.stop();
  const failing = expect(stopping).rejects.toThrow("cut");
  const next = await HotMesh.init(config("van-18"));

  await failing;
  await expect(next.throttle({ throttle: 0 })).resolves.toBe(true);
});
