import { describe, expect, test } from "vitest";
import { after, messageKey } from "../brand.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import { now, opened, planOf, play, start } from "../testing/builders.js";
import { dispatchOf } from "./signal-dispatch.js";

const waiting = (rules: string): Plan =>
  planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        wait: { type: hook }
        other: { type: hook }
      transitions: { start: [ { to: wait }, { to: other } ] }
      hooks: { go: ${rules} }
  `);
const dispatch = (plans: readonly Plan[], data: JsonObject) =>
  dispatchOf(plans, {
    ...{ id: messageKey("s1"), topic: "go", data, status: "success", code: 200, now },
    keepUntil: after(now, 600_000),
  });
const rule = (to: string, actual: string) =>
  `{ to: ${to}, conditions: { match: [ { expected: 7, actual: ${actual} } ] } }`;

describe("what a signal brings", () => {
  test("{$hook.data.x} is an accepted spelling of {$self.hook.data.x}, and both meet the wait as text", () => {
    for (const actual of ["'{$hook.data.x}'", "'{$self.hook.data.x}'"]) {
      const plan = waiting(`[ ${rule("wait", actual)} ]`);
      const [hook] = opened(play(plan, [start(plan)]));

      expect(dispatch([plan], { x: "7" }).keys).toEqual([hook?.key]);
    }
  });

  test("it sees nothing but its payload", () => {
    const plan = waiting(`[ ${rule("wait", "'{$job.metadata.jid}'")} ]`);

    expect(dispatch([plan], { x: 7 }).keys).toEqual([]);
  });

  test("each rule of a topic gives its own key, and rules of several versions that agree give one", () => {
    const one = waiting(`[ ${rule("wait", "'{$self.hook.data.x}'")} ]`);
    const two = waiting(`[ ${rule("wait", "'{$self.hook.data.x}'")}, ${rule("other", "'{$self.hook.data.y}'")} ]`);

    expect(dispatch([one, two], { x: 1, y: 2 }).keys).toEqual(['["wait","1"]', '["other","2"]']);
  });

  test("an exception in actual refuses the signal, and names its place", () => {
    const plan = waiting(`[ ${rule("wait", "{ '@pipe': [ ['{$self.hook.data.x}', '-'], ['{@string.split}'] ] }")} ]`);

    expect(() => dispatch([plan], {})).toThrow('(at hooks.go.conditions.match[0].actual["@pipe"][1])');
  });

  test("it is kept for its own $expire, else as long as the engine says, and then for a success with 200", () => {
    const plan = waiting(`[ ${rule("wait", "'{$self.hook.data.x}'")} ]`);

    expect(dispatch([plan], { x: 7 }).keepUntil).toBe(now + 600_000);
    expect(dispatch([plan], { x: 7, $expire: "2h" }).keepUntil).toBe(now + 7_200_000);
    expect(dispatch([plan], { x: 7 }).kept).toMatchObject({ status: "success", code: 200, data: { x: 7 } });
  });
});
