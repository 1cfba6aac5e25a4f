import { expect, test } from "vitest";
import { storm } from "./storm.js";

test("A3 members that are killed, a server that is, and connections that are cut lose and double nothing", async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const told: string[] = [];
  const report = await storm({
    ...{ seed, kills: 14, restarts: 2, cuts: 8, members: 3, leaseSeconds: 2, pauseMs: 150, callers: 2 },
    durable: false,
    tell: (line) => void told.push(line),
  });

  expect({ seed, told, ...report }).toMatchObject({
    ...{ lost: 0, doubled: 0, stale: 0, left: 0, unhandled: [] },
    ...{ kills: 14, restarts: 2, cuts: 8 },
  });
  expect(report.jobs).toBeGreaterThan(20);
}, 240_000);
