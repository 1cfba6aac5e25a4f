import { after, instant } from "@hotmesh/core";
import { expect, test } from "vitest";
import { nocacheMaxMs, observe } from "./observe.js";
import { state } from "./testing/mesh.js";

const now = instant(1_800_000_000_000);
const engine = state();
const worker = state({ role: "worker", topic: "kiln.fire" });

test("S84 every member answers a ping with the identity of the question", () => {
  const replies = [{ kind: "pong", originator: "q1", details: true }];

  expect(observe(engine, { type: "ping", originator: "q1", details: true }, now)).toEqual({ state: engine, replies });
  expect(observe(worker, { type: "ping", originator: "q1", details: true }, now)).toEqual({ state: worker, replies });
});

test("a message for another guid or another topic concerns nobody here", () => {
  const elsewhere = { type: "ping", originator: "q1" } as const;

  expect(observe(engine, { ...elsewhere, guid: "H2" }, now).replies).toEqual([]);
  expect(observe(worker, { ...elsewhere, topic: "label.print" }, now).replies).toEqual([]);
  expect(observe(worker, { ...elsewhere, topic: "kiln.fire", guid: "H1" }, now).replies).toHaveLength(1);
});

test("S43 S44 engines ask for the active version while it is switched, and cache it again afterwards", () => {
  const asks = observe(engine, { type: "activate", cache_mode: "nocache", until_version: "2" }, now);
  const caches = observe(asks.state, { type: "activate", cache_mode: "cache", until_version: "2" }, now);

  expect(asks).toEqual({
    state: { ...engine, nocacheUntil: after(now, nocacheMaxMs) },
    replies: [{ kind: "cache-mode" }],
  });
  expect(caches).toEqual({ state: engine, replies: [{ kind: "cache-mode" }] });
});

test("workers have no version to cache", () => {
  const message = { type: "activate", cache_mode: "nocache", until_version: "2" } as const;

  expect(observe(worker, message, now)).toEqual({ state: worker, replies: [] });
});

test("S85 S86 engines look for work when bulk work was queued or a schedule came due", () => {
  const look = [{ kind: "look" }];

  expect(observe(engine, { type: "work", originator: "H2" }, now).replies).toEqual(look);
  expect(observe(engine, { type: "cron", originator: "H2", topic: "daily" }, now).replies).toEqual(look);
  expect(observe(worker, { type: "work", originator: "H2" }, now).replies).toEqual([]);
});

test("S83 messages of the application move no member", () => {
  const message = { type: "user", topic: "release.done", message: {} } as const;

  expect(observe(engine, message, now)).toEqual({ state: engine, replies: [] });
});

test.each([
  [{}, [true, true]],
  [{ topic: "kiln.fire" }, [false, true]],
  [{ topic: "label.print" }, [false, false]],
  [{ guid: "H1" }, [true, true]],
  [{ guid: "H2" }, [false, false]],
  [{ scope: "engines" }, [true, false]],
  [{ scope: "workers" }, [false, true]],
] as const)("S80 of a throttle message the targets alone read what is stored: %j", (target, reads) => {
  const message = { type: "throttle", throttle: 500, ...target } as const;

  const replies = [engine, worker].map((member) => observe(member, message, now).replies);

  expect(replies).toEqual(reads.map((isTarget) => (isTarget ? [{ kind: "rules" }] : [])));
});

test("a periodic roll call with the topic null is for engines alone, and has its defaults", () => {
  const message = { type: "rollcall", topic: null } as const;

  expect(observe(engine, message, now).replies).toEqual([{ kind: "roll", intervalMs: 0, max: 12, signature: false }]);
  expect(observe(worker, message, now).replies).toEqual([]);
});

test("a periodic roll call without a topic is for everybody, and may ask for more", () => {
  const message = { type: "rollcall", interval: 5, max: 3, signature: true } as const;

  expect(observe(worker, message, now).replies).toEqual([{ kind: "roll", intervalMs: 5_000, max: 3, signature: true }]);
});
