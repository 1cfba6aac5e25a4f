import { expect, test } from "vitest";

import { parsePostmaster } from "./postmaster.js";

const starting = "4711\n/data\n1700000000\n5432\n\n127.0.0.1\n  123  45\nstarting\n";

test("a lock file names the process and says whether it is ready", () => {
  expect(parsePostmaster(starting)).toEqual({ pid: 4711, isReady: false });
  expect(parsePostmaster(starting.replace("starting", "ready   "))).toEqual({ pid: 4711, isReady: true });
});

test("a lock file that is still being written is no server", () => {
  expect(parsePostmaster("")).toBeNull();
});
