import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const packages = join(import.meta.dirname, "..", "packages");
const read = (path: string): string => readFileSync(join(packages, path), "utf8");
const scenarios = "core/src/testing/scenarios";
/** Examples that are no story about jobs, or that only callers of the class can tell. */
const others = ["core/src/compile/compile.test.ts", "sdk/src/testing/catalogue.suite.ts"];

const files = [
  ...readdirSync(join(packages, scenarios))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${scenarios}/${name}`),
  ...others,
];

test("every example of the language reference is told, with its outcome", () => {
  const told = files.flatMap((file) =>
    [...read(file).matchAll(/["'`]16\.(\d+) /g)].map(([, number]) => Number(number)),
  );

  const missing = Array.from({ length: 36 }, (_, index) => index + 1).filter((number) => !told.includes(number));

  expect(missing).toEqual([]);
});

test("every graph of the examples is run", () => {
  const { app } = parse(read("core/src/testing/spec/examples.yaml"));
  const topics: readonly string[] = app.graphs.map(({ subscribes }: { subscribes: string }) => subscribes);
  const text = files.map(read).join("\n");
  // A child is started by the graph that awaits it.
  const awaited = JSON.stringify(app.graphs.map(({ activities }: { activities: object }) => activities));

  const unused = topics.filter((topic) => ![text, awaited].some((where) => where.includes(topic)));

  expect(topics.length).toBeGreaterThan(30);
  expect(unused).toEqual([]);
});
