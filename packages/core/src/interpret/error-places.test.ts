import { describe, expect, test } from "vitest";
import { answer, planOf, play, start } from "../testing/builders.js";

/** A pipe that always throws when it is evaluated, and never before. */
const broken = `{ '@pipe': [ ['{start.output.data.none}', '-'], ['{@string.split}'] ] }`;

/** What the job's error says about the place. */
function placeOf(graph: string, payload = {}, ...answers: Parameters<typeof play>[1][number][]): string {
  const plan = planOf(graph);
  const { job } = play(plan, [start(plan, payload), ...answers]);
  return placeIn(job?.record.failure?.["message"]);
}

function placeIn(message: unknown): string {
  return /\(at (.*)\)$/.exec(String(message))?.[1] ?? `no place in ${String(message)}`;
}

describe("an exception names the activity, the path of the property and the row", () => {
  test.each([
    ["hook", `output: { maps: { parts: [ 1, ${broken} ] } }`, 'a.output.maps.parts[1]["@pipe"][1]'],
    ["hook", `job: { maps: { deep: { 'odd key': ${broken} } } }`, 'a.job.maps.deep["odd key"]["@pipe"][1]'],
    ["hook", `job: { maps: { 'slot[3]': ${broken} } }`, 'a.job.maps["slot[3]"]["@pipe"][1]'],
    ["hook", `job: { maps: { 'tags[_]': ${broken} } }`, 'a.job.maps["[_]"]["@pipe"][1]'],
    ["hook", `sleep: ${broken}`, 'a.sleep["@pipe"][1]'],
    ["hook", `emit: ${broken}`, 'a.emit["@pipe"][1]'],
    ["hook", `persist: ${broken}`, 'a.persist["@pipe"][1]'],
    ["hook", `statusThreshold: ${broken}`, 'a.statusThreshold["@pipe"][1]'],
    ["worker", `topic: ${broken}`, 'a.topic["@pipe"][1]'],
    ["worker", `topic: w, input: { maps: { n: ${broken} } }`, 'a.input.maps.n["@pipe"][1]'],
    ["await", `topic: ${broken}`, 'a.topic["@pipe"][1]'],
    ["await", `topic: t, await: ${broken}`, 'a.await["@pipe"][1]'],
    ["await", `topic: t, input: { maps: { n: ${broken} } }`, 'a.input.maps.n["@pipe"][1]'],
    ["signal", `topic: go, signal: { maps: { n: ${broken} } }`, 'a.signal.maps.n["@pipe"][1]'],
    ["signal", `topic: ${broken}`, 'a.topic["@pipe"][1]'],
    ["interrupt", `target: ${broken}`, 'a.target["@pipe"][1]'],
    ["interrupt", `reason: ${broken}`, 'a.reason["@pipe"][1]'],
  ])("%s with %s", (type, properties, place) => {
    const graph = `
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: ${type}, ${properties} }
      transitions: { start: [ { to: a } ] }
    `;

    expect(placeOf(graph)).toBe(place);
  });

  test("a condition, with its entry", () => {
    const graph = `
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: hook }
        b: { type: hook }
      transitions:
        start: [ { to: a } ]
        a: [ { to: b, conditions: { match: [ { expected: 1, actual: 1 }, { expected: 1, actual: ${broken} } ] } } ]
    `;

    expect(placeOf(graph)).toBe('a.transitions.b.conditions.match[1].actual["@pipe"][1]');
  });

  test("what a hook expects", () => {
    const graph = `
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: hook }
      transitions: { start: [ { to: a } ] }
      hooks: { go.now: [ { to: a, conditions: { match: [ { expected: ${broken}, actual: '{$hook.data.x}' } ] } } ] }
    `;

    expect(placeOf(graph)).toBe('a.hooks["go.now"].conditions.match[0].expected["@pipe"][1]');
  });

  test("the input of a cycle, and the maps of an activity that was answered", () => {
    const graph = `
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        a: { type: worker, topic: w, job: { maps: { n: ${broken} } } }
        again: { type: cycle, ancestor: turn, input: { maps: { n: ${broken} } } }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: a } ]
        a: [ { to: again, conditions: { code: 500 } } ]
    `;

    expect(placeOf(graph, {}, answer("a,0,0,0"))).toBe('again.input.maps.n["@pipe"][1]');
    expect(placeOf(graph.replace("code: 500", "code: 404"), {}, answer("a,0,0,0"))).toBe('a.job.maps.n["@pipe"][1]');
  });

  test.each([
    [`job: { maps: { n: ${broken} } }`, 'start.job.maps.n["@pipe"][1]'],
    [`entity: ${broken}`, 'start.entity["@pipe"][1]'],
    [`stats: { key: ${broken} }`, 'start.stats.key["@pipe"][1]'],
  ])("a trigger with %s, which refuses the start", (properties, place) => {
    const plan = planOf(`
    - subscribes: t
      activities: { start: { type: trigger, ${properties} } }
    `);

    const { verdict } = play(plan, [start(plan)]);

    expect(verdict.outcome === "rejected" && placeIn(verdict.failure.message)).toBe(place);
  });
});
