import { expect, test } from "vitest";
import { readEnvironment } from "./environment.js";

test("an empty environment means notifications, and ten seconds for somebody else's migration", () => {
  expect(readEnvironment({})).toEqual({ notifications: true, migrationWaitMs: 10_000 });
});

test("only the word true switches notifications off", () => {
  const words = ["true", "false", "1", ""];

  const found = words.map((word) => readEnvironment({ HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS: word }).notifications);

  expect(found).toEqual([false, true, true, true]);
});

test("zero is a value, and what is no number is none", () => {
  const words = ["0", "250", "-1", "soon", " "];

  const found = words.map((word) => readEnvironment({ HMSH_DEPLOYMENT_DELAY: word }).migrationWaitMs);

  expect(found).toEqual([0, 250, 10_000, 10_000, 10_000]);
});
