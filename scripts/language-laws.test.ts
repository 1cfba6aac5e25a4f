import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const list = "docs/language-laws.md";
const differences = "core/src/interpret/differences.test.ts";
/** What has no law because it is not built. A row leaves this list when it is. */
const notBuilt: readonly string[] = [];

interface Law {
  readonly row: string;
  readonly file: string;
  readonly name: string;
}

const laws = readFileSync(join(root, list), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:row |-)/.test(line))
  .map((line): Law => {
    const [, row = "", file = "", name = ""] = line.split("|").map((cell) => cell.trim());
    return { row, file: file.replaceAll("`", ""), name };
  });

/** Names of the tests in a file and of its tables' rows, and of the scenarios in a file of them. */
function namesIn(file: string): readonly string[] {
  const path = join(root, "packages", file);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const ofScenarios = [...text.matchAll(/^\s+- name: "(.+)"$/gm)];
  const ofTests = [...text.matchAll(/(?:^\s*|\()\[?(["`])((?:(?!\1).)+)\1,/gm)];
  return [...ofScenarios.map(([, name = ""]) => name), ...ofTests.map(([, , name = ""]) => name)];
}

/** A name may begin with the number of a scenario list, and end with what tells its surroundings. */
function isNamed(name: string, names: readonly string[]): boolean {
  return names.some((known) => {
    const bare = known.replace(/^(?:[SF]\d+ )+/, "").replace(/, on \$\{.*\}$/, "");
    return bare === name;
  });
}

test("every law that is named for a difference of the language is there", () => {
  const built = laws.filter(({ file }) => file !== "");

  const lost = built.filter(({ file, name }) => !isNamed(name, namesIn(file)));

  expect(built.length).toBeGreaterThan(60);
  expect(lost).toEqual([]);
});

test("what has no law says so, and is what is not built", () => {
  const open = laws.filter(({ file }) => file === "");

  expect(open.map(({ row }) => row)).toEqual(notBuilt);
  expect(open.filter(({ name }) => name !== "not yet")).toEqual([]);
});

test("every law that was written for a difference is listed", () => {
  const text = readFileSync(join(root, "packages", differences), "utf8");
  const written = [...text.matchAll(/(?:^ {2}test|\]\))\("(.+?)",/gm)].map(([, name]) => name);
  const listed = laws.filter(({ file }) => file === differences).map(({ name }) => name);

  expect(written.length).toBeGreaterThan(5);
  expect([...listed].sort()).toEqual([...written].sort());
});
