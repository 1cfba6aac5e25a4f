import { prng } from "@hotmesh/core/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Bundle, bundle } from "./bundle.js";
import { crashEverywhere, crashPoints, statementsOf } from "./crash-everywhere.js";

let program: Bundle;

beforeAll(async () => {
  program = await bundle("mortal");
}, 60_000);

afterAll(() => program.remove());

test("A3 a process that is killed at any statement leaves nothing that another one cannot finish", async () => {
  const lives = { program: program.file, url: inject("postgresUrl") };
  const seed = Math.floor(Math.random() * 1_000_000);
  const random = prng(seed);
  const statements = await statementsOf(lives, `mortal${process.pid}`);
  expect(statements).toBeGreaterThan(20);
  const sample = Array.from({ length: 8 }, () => random.pick(crashPoints(statements)));

  const found = await crashEverywhere(lives, sample, { atOnce: 4, name: `crash${process.pid}n` });

  expect({ seed, wrong: found.filter(({ wrong }) => wrong.length > 0) }).toEqual({ seed, wrong: [] });
  expect(found.filter(({ reached }) => reached).length).toBeGreaterThan(sample.length / 2);
}, 240_000);
