import { expect, test } from "vitest";
import { literal, quoted } from "./quoted.js";
import { channelName, schemaName } from "./schema-name.js";

test("an app of the default namespace has a schema of its own name", () => {
  const names = ["9lives", "order", "a--b", "a-b", "A-b", "zed-"].map((appId) => schemaName("hmsh", appId));

  expect(names).toEqual(["9lives", "order", "a--b", "a-b", "A-b", "zed-"]);
});

test("a namespace comes before the app, with a character that neither may contain", () => {
  expect(schemaName("other", "app")).toBe("other.app");
});

test("public and long names are shortened to exactly what Postgres keeps", () => {
  const names = ["public", "x".repeat(64), `${"x".repeat(64)}y`].map((appId) => schemaName("hmsh", appId));

  expect(names[0]).toMatch(/^public~[0-9a-f]{16}$/);
  expect(names[1]).toMatch(/^x{46}~[0-9a-f]{16}$/);
  expect(new Set(names).size).toBe(3);
});

test("a channel name fits into an identifier", () => {
  expect(channelName("hmsh", "studio")).toBe("hmsh:studio:q:");
  expect(channelName("hmsh", "x".repeat(80))).toHaveLength(63);
});

test("identifiers and literals survive their own delimiters", () => {
  expect([quoted('a"b'), literal("o'clock"), literal("back\\slash")]).toEqual([
    '"a""b"',
    "'o''clock'",
    "E'back\\\\slash'",
  ]);
});
