import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, inject, test } from "vitest";
import { readGuide } from "./guides/guide.js";
import { checkTypes, runGuide } from "./guides/run-guide.js";
import { surroundings } from "./guides/surroundings.js";
import { onOwnDatabase } from "./own-database.js";

const folder = resolve(import.meta.dirname, "..", "..", "..", "docs");
const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
const pages = new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const guides = [...pages]
  .map(([name, page]) => readGuide(name, [surroundings[name]?.before, page, surroundings[name]?.after].join("")))
  .filter(({ program }) => program !== "");

test("every page of code in TypeScript is run, and each of its files is used", () => {
  const withCode = names.filter((name) => /^```ts$/m.test(pages.get(name) ?? ""));

  expect(guides.map(({ name }) => name)).toEqual(withCode);
  for (const { program, files } of guides) {
    const readers = [program, ...files.values()].join("");
    for (const file of files.keys()) expect(readers).toContain(`./${file}`);
  }
});

test("the index names every page, once", () => {
  const linked = [...(pages.get("README.md") ?? "").matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name);

  expect(linked.sort()).toEqual(names.filter((name) => name !== "README.md").sort());
});

test("every link of a page leads somewhere", () => {
  const anchors = (page: string) =>
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
  for (const [name, page] of pages) {
    for (const [, file = "", anchor] of page.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      expect(file === "" || existsSync(join(folder, file)), `${name} links ${file}`).toBe(true);
      if (anchor !== undefined)
        expect(anchors(pages.get(file || name) ?? ""), `${name} links ${file}`).toContain(anchor);
    }
  }
});

test("the programs of all guides have the types they need", { timeout: 120_000 }, async () => {
  expect(await checkTypes(guides)).toEqual([]);
});

test.concurrent.each(guides)("the guide $name does what it says", { timeout: 120_000 }, async (guide) => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runGuide(guide, url));

  expect(run).toEqual({ code: 0, lines: guide.printed, rows: guide.queries.map(({ rows }) => rows) });
});
