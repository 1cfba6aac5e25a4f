import { expect, test } from "vitest";
import { messageDefects, type QuorumMessage } from "./message.js";

const wellFormed: readonly QuorumMessage[] = [
  { type: "ping", originator: "q1", details: true },
  { type: "pong", guid: "H1", originator: null, profile: { namespace: "hmsh", app_id: "studio", engine_id: "H1" } },
  { type: "activate", cache_mode: "cache", until_version: "2" },
  { type: "throttle", throttle: -1, scope: "engines" },
  { type: "job", topic: "pot.done", job: { metadata: {} } },
  { type: "user", topic: "release.done", message: { version: "3.4.0" } },
  { type: "work", originator: "H1" },
  { type: "cron", originator: "H1", id: "nightly" },
  { type: "rollcall", interval: 5, topic: null, signature: true },
  { type: "duress", originator: "H1", duress_score_ms: 3, throttle_ms: 0, level: "healthy" },
];

test.each(wellFormed)("a $type message is well-formed", (message) => {
  expect(messageDefects(message)).toEqual([]);
});

test("S73 a message says what is wrong with it", () => {
  expect(messageDefects({ type: "shout" })).toEqual([
    'type "shout" is none of ping, pong, activate, throttle, job, user, work, cron, rollcall, duress',
  ]);
  expect(messageDefects({ type: "user", topic: 7 })).toEqual([
    "topic of a message of type user is 7; expected a text",
    "message of a message of type user is undefined; expected a map",
  ]);
});

test.each([[null], ["ping"], [[]], [{ type: "toString" }], [{}]])("%j is no quorum message", (value) => {
  expect(messageDefects(value)).not.toEqual([]);
});
