import { expect, test } from "vitest";
import { readGuide } from "./guide.js";

const page = (...blocks: readonly (readonly [language: string, code: string])[]): string =>
  blocks.map(([language, code]) => `Words.\n\n\`\`\`${language}\n${code}\n\`\`\`\n`).join("\n");

test("the code of a page is one program, and each text after code is what it prints", () => {
  const guide = readGuide(
    "a.md",
    page(["ts", "one();"], ["text", "1"], ["js", "no();"], ["ts", "two();"], ["text", "2\n3"]),
  );

  expect(guide).toEqual({
    name: "a.md",
    program: "one();\n\ntwo();\n",
    printed: ["1", "2", "3"],
    files: new Map(),
    queries: [],
  });
});

test("a document that names its file is that file, and another is only shown", () => {
  const guide = readGuide("a.md", page(["yaml", "# crate.yaml\napp: {}"], ["yaml", "wait: { sleep: 1 }"]));

  expect(guide.program).toBe("");
  expect([...guide.files]).toEqual([["crate.yaml", "# crate.yaml\napp: {}\n"]]);
});

test("a query has the rows that the page shows after it, or none", () => {
  const guide = readGuide(
    "a.md",
    page(["sql", "select 1, 2"], ["text", "1 | 2"], ["sql", "select 3"], ["ts", "end();"]),
  );

  expect(guide.queries).toEqual([
    { sql: "select 1, 2\n", rows: ["1 | 2"] },
    { sql: "select 3\n", rows: null },
  ]);
});
