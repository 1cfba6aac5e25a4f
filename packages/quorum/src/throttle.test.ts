import type { ThrottleRule } from "@hotmesh/core";
import { expect, test } from "vitest";
import type { QuorumMessage } from "./message.js";
import { mesh } from "./testing/mesh.js";
import { throttle } from "./throttle.js";
import { type ThrottleOptions, throttleFor, throttleRule } from "./throttle-rule.js";

const members = {
  engine: { guid: "H1", role: "engine", topic: null },
  kiln: { guid: "H1", role: "worker", topic: "kiln.fire" },
  label: { guid: "H1", role: "worker", topic: "label.print" },
  otherEngine: { guid: "H2", role: "engine", topic: null },
  otherKiln: { guid: "H2", role: "worker", topic: "kiln.fire" },
} as const;

const everybody = Object.keys(members);
const rule = (over: Partial<ThrottleRule>): ThrottleRule => ({
  throttle: 500,
  topic: null,
  guid: null,
  scope: "all",
  ...over,
});
const throttled = (...rules: readonly ThrottleRule[]): readonly string[] =>
  Object.entries(members).flatMap(([name, member]) => (throttleFor(member, rules) === 500 ? [name] : []));

test.each([
  ["S97 no target", {}, everybody],
  ["S98 a topic", { topic: "kiln.fire" }, ["kiln", "otherKiln"]],
  ["S99 S119 a guid", { guid: "H1" }, ["engine", "kiln", "label"]],
  ["S100 S120 topic and guid", { topic: "kiln.fire", guid: "H1" }, ["kiln"]],
  ["scope engines", { scope: "engines" }, ["engine", "otherEngine"]],
  ["scope workers", { scope: "workers" }, ["kiln", "label", "otherKiln"]],
  ["scope engines and a guid", { scope: "engines", guid: "H2" }, ["otherEngine"]],
  ["scope workers and a guid", { scope: "workers", guid: "H1" }, ["kiln", "label"]],
  ["a topic nobody works on", { topic: "pot.glaze" }, []],
] as const)("%s: the command addresses exactly its targets", (_, target, expected) => {
  expect(throttled(rule(target))).toEqual(expected);
});

test("the last command that addresses a member decides, and without any it is free", () => {
  const rules = [
    rule({ throttle: -1 }),
    rule({ guid: "H1", throttle: 200 }),
    rule({ topic: "kiln.fire", throttle: 0 }),
  ];

  expect(Object.values(members).map((member) => throttleFor(member, rules))).toEqual([200, 0, 200, -1, 0]);
  expect(throttleFor(members.engine, [])).toBe(0);
});

test.each([-2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 3e9, 2_147_483_648, "500", null, undefined])(
  "F9 a throttle of %s is refused before anything is stored or sent",
  async (value) => {
    const { join } = mesh();
    const { quorum, backend } = await join("A");
    const heard: QuorumMessage[] = [];
    quorum.subscribe((_, message) => heard.push(message));
    const options: ThrottleOptions = JSON.parse("{}");
    Object.assign(options, { throttle: value });
    const expected = "Throttle must be -1 (pause) or a non-negative integer (ms delay); 0 = resume";
    const shown = typeof value === "string" ? `'${value}'` : String(value);

    await expect(throttle({ quorum, registry: backend.registry }, options)).rejects.toMatchObject({
      kind: "invalid-argument",
      code: 400,
      message: expect.stringContaining(`${expected}; it is ${shown},`),
    });
    expect([heard, await backend.registry.checkIn([])]).toEqual([[], []]);
  },
);

test.each([
  [
    { topic: "kiln.fire", scope: "engines" },
    "a throttle of topic kiln.fire has scope engines; a topic addresses workers",
  ],
  [{ scope: "everything" }, "scope of a throttle is 'everything'; expected engines, workers, all"],
  [{ topic: "" }, "topic of a throttle is ''; expected the topic of a worker"],
  [{ guid: 7 }, "guid of a throttle is 7; expected the guid of an instance"],
])("targets that mean nothing are refused: %j", (target, message) => {
  const options = Object.assign({ throttle: 0 }, target);

  expect(() => throttleRule(options as ThrottleOptions)).toThrow(message);
});

test.each([-1, 0, 1, 2_147_483_647])("S93 a throttle of %i is stored, and heard by everybody", async (value) => {
  const { join } = mesh();
  const { quorum, backend } = await join("A");
  const { quorum: other } = await join("B");
  const heard: QuorumMessage[] = [];
  other.subscribe((_, message) => heard.push(message));

  await throttle({ quorum, registry: backend.registry }, { throttle: value, topic: "kiln.fire", guid: "H1" });

  expect(heard).toEqual([{ type: "throttle", throttle: value, topic: "kiln.fire", guid: "H1" }]);
  expect(await backend.registry.checkIn([])).toEqual([
    { throttle: value, topic: "kiln.fire", guid: "H1", scope: "workers" },
  ]);
});
