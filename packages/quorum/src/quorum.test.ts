import { quorumChannel } from "@hotmesh/core";
import { expect, test, vi } from "vitest";
import type { QuorumMessage } from "./message.js";
import { member, mesh } from "./testing/mesh.js";

test("S87 S89 a roll call hears every engine and every worker, in whatever process", async () => {
  const { join, patiently } = mesh();
  const { quorum } = await join("A", [member(), member({ topic: "kiln.fire" })]);
  await join("B", [member({ topic: "label.print" })]);

  const profiles = await patiently(quorum.rollCall(250));

  expect(profiles.map((profile) => profile.worker_topic ?? "engine").sort()).toEqual([
    "engine",
    "kiln.fire",
    "label.print",
  ]);
});

test("F23 overlapping roll calls do not mix their answers", async () => {
  const { join, patiently } = mesh();
  const { quorum: one } = await join("A", [member()]);
  const { quorum: two } = await join("B", [member()]);

  const both = await patiently(Promise.all([one.rollCall(250), two.rollCall(100), one.headCount(50)]));

  expect([both[0].length, both[1].length, both[2]]).toEqual([2, 2, 2]);
});

test("S88 who answers after the delay is missing", async () => {
  const { join, patiently, clock } = mesh();
  const slow = member({ profile: () => new Promise(() => {}) });
  const { quorum } = await join("A", [member(), slow]);
  const before = clock.now();

  const profiles = await patiently(quorum.rollCall(250));

  expect(profiles).toHaveLength(1);
  expect(clock.now() - before).toBeLessThanOrEqual(300);
});

test("S13 whoever has left is missing in the next roll call", async () => {
  const { join, patiently } = mesh();
  const { quorum } = await join("A", [member()]);
  const { quorum: other } = await join("B", [member()]);
  await other.leave();

  expect(await patiently(quorum.headCount(250))).toBe(1);
});

test("S75 S113 S114 every callback in every process hears a message unchanged", async () => {
  const { join } = mesh();
  const { quorum } = await join("A");
  const { quorum: other } = await join("B");
  const heard: unknown[] = [];
  const hear = (who: string) => (topic: string, message: QuorumMessage) => heard.push([who, topic, message]);
  quorum.subscribe(hear("A"));
  other.subscribe(hear("B"));
  const message = { type: "user", topic: "settings.reload", message: { switches: { newLabels: true } } } as const;

  await quorum.publish(message);

  expect(heard.sort()).toEqual([
    ["A", "hmsh:studio:q:", message],
    ["B", "hmsh:studio:q:", message],
  ]);
});

test("S78 a callback that was removed hears nothing", async () => {
  const { join } = mesh();
  const { quorum } = await join("A");
  const callback = vi.fn();
  quorum.subscribe(callback);
  quorum.unsubscribe(callback);

  await quorum.publish({ type: "work", originator: "A" });

  expect(callback).not.toHaveBeenCalled();
});

test("F9 a callback that throws or rejects harms nobody", async () => {
  const { join } = mesh();
  const { quorum } = await join("A");
  const callback = vi.fn();
  quorum.subscribe(() => {
    throw new Error("no");
  });
  quorum.subscribe(async () => {
    throw new Error("no");
  });
  quorum.subscribe(callback);

  await quorum.publish({ type: "work", originator: "A" });

  expect(callback).toHaveBeenCalledOnce();
});

test("F9 a malformed message is heard by nobody", async () => {
  const { join } = mesh();
  const { quorum, backend } = await join("A", [member()]);
  const callback = vi.fn();
  quorum.subscribe(callback);

  await backend.sub.publish([{ channel: quorumChannel, body: { type: "throttle", throttle: "much" } }]);
  await backend.sub.publish([{ channel: quorumChannel, body: "shout" }]);

  expect(callback).not.toHaveBeenCalled();
});

test("a malformed message is refused before it is sent", async () => {
  const { join } = mesh();
  const { quorum } = await join("A");
  const message = JSON.parse('{"type":"user","topic":7,"message":{}}');

  await expect(quorum.publish(message)).rejects.toMatchObject({ kind: "invalid-argument", code: 400 });
});
