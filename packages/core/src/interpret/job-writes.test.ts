import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.js";
import { planOf, play, start } from "../testing/builders.js";

/** What a trigger's `job.maps` stores of a payload. */
function stored(maps: string, payload: JsonObject = {}, next = "{ type: hook }") {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger, job: { maps: ${maps} } }
        next: ${next}
      transitions: { start: [ { to: next } ] }
  `);
  const record = play(plan, [start(plan, payload)]).job?.record;
  return { data: record?.data, fields: record?.fields };
}

const in$ = (name: string) => `'{start.input.data.${name}}'`;

describe("leaves", () => {
  test("an object or list replaces what is at its path, a leaf below it changes its part alone", () => {
    const below = "{ type: hook, job: { maps: { a: { b: 9 } } } }";
    const { data } = stored(`{ a: ${in$("a")} }`, { a: { b: 1, c: 2 } }, below);
    expect(data).toEqual({ a: { b: 9, c: 2 } });

    const list = stored("{ a: { b: 1 } }", { a: [1, 2] }, `{ type: hook, job: { maps: { a: ${in$("a")} } } }`);
    expect(list.data).toEqual({ a: [1, 2] });

    const scalar = stored("{ a: text }", {}, below);
    expect(scalar.data).toEqual({ a: { b: 9 } });
  });

  test("an undefined item of a list is null, an undefined leaf or an empty map writes nothing", () => {
    expect(stored(`{ l: [ 1, ${in$("none")} ], n: ${in$("none")}, e: {} }`).data).toEqual({ l: [1, null] });
    expect(stored(`{ n: ${in$("none")} }`).data).toBeNull();
  });
});

describe("key suffixes", () => {
  test("slots are stored each by itself, whether they come as a list or an object, and read by their number", () => {
    const payload = { list: ["a", "b", "c"], more: { 1: "B", 7: "no", x: "no" } };
    const next = `{ type: hook, job: { maps: { 's[3]': ${in$("more")}, read: '{$job.data.s.2}' } } }`;

    expect(stored(`{ 's[3]': ${in$("list")} }`, payload, next).data).toEqual({
      s: { 0: "a", 1: "B", 2: "c" },
      read: "c",
    });
  });

  test("markers and search fields are kept apart, and only those that begin with their mark", () => {
    const payload = { tags: { _isbn: 123, "-no": 1, other: 2 }, marks: { "-seen": "yes", _no: 1, other: 2 } };

    expect(stored(`{ 'any[_]': ${in$("tags")}, 'any[-]': ${in$("marks")} }`, payload)).toEqual({
      data: null,
      fields: { _isbn: "123", "-seen": "yes" },
    });
  });

  test("a key that is a declared leaf of the graph is written as that leaf", () => {
    const next = "{ type: hook, job: { maps: { total: '{start.input.data.none}' } } }";

    expect(stored(`{ 'any[_]': ${in$("tags")} }`, { tags: { total: 5, other: 6 } }, next).data).toEqual({ total: 5 });
  });

  test("a plain key that begins with a mark is stored as such and visible in the job's data", () => {
    expect(stored("{ _city: Rome, '-m': v }")).toEqual({
      data: { _city: "Rome", "-m": "v" },
      fields: { _city: "Rome", "-m": "v" },
    });
  });

  test("other suffixes are ignored, and so are suffixes further down", () => {
    expect(stored("{ 'a[*]': { b: 1 }, 'a[x]': { b: 1 }, 'a[1-5]': { 1: b }, c: { 'b[3]': [1] } }").data).toBeNull();
  });
});
