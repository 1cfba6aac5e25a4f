import { afterAll, beforeAll, expect, test } from "vitest";
import { DurableScene } from "../testing/durable-scene.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("data");

async function echo(value: unknown) {
  return value;
}
const proxy = () => workflow.proxyActivities<{ echo: typeof echo }>({ activities: { echo } });

const functions = {
  async plain(value: unknown) {
    return value;
  },
  async around(value: unknown) {
    const there = await proxy().echo(value);
    const [waited] = await Promise.all([workflow.condition("data"), workflow.signal("data", there)]);
    const child = { workflowName: "plain", taskQueue: "data", args: [waited] };
    return workflow.executeChild(child);
  },
};

beforeAll(() => scene.work("data", functions));
afterAll(() => scene.close());

const values: readonly (readonly [string, unknown])[] = [
  ["an empty text", ""],
  ["zero", 0],
  ["false", false],
  ["null", null],
  ["an empty list", []],
  ["an empty map", {}],
  ["the text of a date", "2026-11-23T04:00:00.000Z"],
  ["what is deep", { list: [null, "", { a: 0.1, "b.c": "2026-11-23" }], text: "ünï\u0000cödé" }],
];

test.each(values)("C58 %s survives start, activity, signal, child and result", async (_, value) => {
  expect(await scene.run("data", "plain", { args: [value] })).toEqual(value);
  expect(await scene.run("data", "around", { args: [value] })).toEqual(value);
});

test("C58 undefined is undefined, and a date becomes its text", async () => {
  expect(await scene.run("data", "plain", { args: [] })).toBeUndefined();
  expect(await scene.run("data", "plain", { args: [new Date(0)] })).toBe("1970-01-01T00:00:00.000Z");
  expect(await scene.run("data", "plain", { args: [{ a: undefined, b: 1 }] })).toEqual({ b: 1 });
});
