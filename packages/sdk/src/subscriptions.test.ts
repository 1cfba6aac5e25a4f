import { type JsonObject, jobChannel } from "@hotmesh/core";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { expect, test, vi } from "vitest";
import { matchesGlob, Subscriptions } from "./subscriptions.js";

function setup() {
  const { sub, store } = memoryBackend({ clock: new TestClock() });
  const logger = { debug: () => {}, info: () => {}, warn: vi.fn(), error: vi.fn() };
  const hear = vi.fn();
  const subscriptions = new Subscriptions({ store, sub, logger, everything: { wants: () => true, hear } });
  const body: JsonObject = { job: "P1", generation: "Hg", topic: "pot.done", final: true };
  const announce = (): Promise<void> =>
    sub.publish([
      { channel: jobChannel, body, local: { ...body, output: { metadata: { jid: "P1" } }, failure: null } },
    ]);
  const announceAs = (over: JsonObject, metadata: JsonObject): Promise<void> =>
    sub.publish([
      { channel: jobChannel, body: { ...body, ...over }, local: { ...body, ...over, output: { metadata } } },
    ]);
  return { sub, subscriptions, announce, announceAs, logger, hear };
}

const output = { metadata: { jid: "P1" } };

test("S68 F22 a topic, a topic with a job id, and a glob hear the job once each", async () => {
  const { subscriptions, announce, hear } = setup();
  const [exact, job, glob, none] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  await subscriptions.sub("pot.done", exact);
  await subscriptions.sub("pot.done.P1", job);
  await subscriptions.psub("pot*", glob);
  await subscriptions.sub("pot.done.P2", none);

  await announce();

  for (const callback of [exact, job, glob])
    await vi.waitFor(() => expect(callback.mock.calls).toEqual([["pot.done", output]]));
  expect(none).not.toHaveBeenCalled();
  expect(hear.mock.calls).toEqual([["pot.done", output]]);
});

test("what was unsubscribed hears nothing, under exactly that name", async () => {
  const { subscriptions, announce } = setup();
  const [gone, stays] = [vi.fn(), vi.fn()];
  await subscriptions.sub("pot.done", gone);
  await subscriptions.psub("pot.*", stays);
  subscriptions.unsub("pot.done");
  subscriptions.punsub("pot*");

  await announce();

  await vi.waitFor(() => expect(stays).toHaveBeenCalledOnce());
  expect(gone).not.toHaveBeenCalled();
});

test("a callback that throws or rejects does not stop the others", async () => {
  const { subscriptions, announce, logger } = setup();
  const last = vi.fn();
  await subscriptions.sub("pot.done", () => {
    throw new Error("no");
  });
  await subscriptions.sub("pot.done", async () => Promise.reject(new Error("no")));
  await subscriptions.sub("pot.done", last);

  await announce();

  await vi.waitFor(() => expect(last).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect(logger.error).toHaveBeenCalledTimes(2));
});

test.each<[string, string, boolean]>([
  ["pot.*", "pot.done.P1", true],
  ["*", "", true],
  ["*done*", "pot.done.P1", true],
  ["pot.*.P1", "pot.done.P1", true],
  ["pot.*.P1", "pot.P1", false],
  ["pot.?one", "pot.done", false],
  ["pot.done", "pot.done", true],
  ["a*a", "a", false],
  ["*P*1", "pot.done.P1", true],
])("the pattern %s and the text %s: %s", (pattern, text, matches) => {
  expect(matchesGlob(pattern, text)).toBe(matches);
});

test("S82 a job without a topic is heard by whoever hears everything, and by no subscriber", async () => {
  const { subscriptions, hear, announceAs } = setup();
  const everything = vi.fn();
  await subscriptions.psub("*", everything);

  await announceAs({ topic: null }, { jid: "P1", tpc: "pot.throw" });

  expect(hear.mock.calls).toEqual([["pot.throw", { metadata: { jid: "P1", tpc: "pot.throw" } }]]);
  expect(everything).not.toHaveBeenCalled();
});

test("F9 an announcement that is none is logged, and harms nobody", async () => {
  const { sub, subscriptions, hear, logger } = setup();
  await subscriptions.listen();

  await sub.publish([{ channel: jobChannel, body: { job: 7 } }]);

  expect(hear).not.toHaveBeenCalled();
  expect(logger.warn.mock.calls).toEqual([["announcement-malformed", { channel: jobChannel }]]);
});
