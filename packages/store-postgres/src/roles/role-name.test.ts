import { expect, test } from "vitest";
import { workerRoleName } from "./role-name.js";

test("a role is named after its schema and its streams, whatever their order", () => {
  expect(workerRoleName("orchard", ["pick", "a:press", "pick"])).toBe("hmsh_wrk_orchard_a:press_pick");
  expect(workerRoleName("orchard", ["a:press", "pick"])).toBe("hmsh_wrk_orchard_a:press_pick");
});

test("streams of any form give a name that Postgres keeps whole", () => {
  const streams = ['it\'s "x"', "🍎🍐", "s".repeat(200), "", "line\nbreak", "nul\u0000", "a_b"];

  const names = streams.map((stream) => workerRoleName("orchard", [stream]));

  for (const name of names) expect(name).toMatch(/^hmsh_wrk_orchard_[A-Za-z0-9.:_~-]{1,46}$/);
  expect(new Set(names).size).toBe(names.length);
});

test("different streams never share a role", () => {
  expect(workerRoleName("orchard", ["a_b"])).not.toBe(workerRoleName("orchard", ["a", "b"]));
  expect(workerRoleName("orchard", ["a", "b_c"])).not.toBe(workerRoleName("orchard", ["a_b", "c"]));
});
