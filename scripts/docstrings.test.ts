import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { docstrings } from "./docstrings.js";
import { readSources } from "./source-files.js";

const root = fileURLToPath(new URL("../", import.meta.url));

const entries = [
  "packages/core/src/index.ts",
  "packages/core/src/compiler.ts",
  "packages/core/src/testing/index.ts",
  "packages/core/src/testing/laws/index.ts",
  "packages/engine/src/index.ts",
  "packages/quorum/src/index.ts",
  "packages/sdk/src/index.ts",
  "packages/store-postgres/src/index.ts",
  "packages/worker/src/index.ts",
];

/** Of core: what callers of the other packages are given, and what is thrown at them. */
const given =
  /^packages\/core\/src\/(compile|reads|statistics)\/|^packages\/core\/src\/(job\/output|[a-z-]*errors)\.ts$/;

// Everywhere: every export, and every public method and accessor. Data fields too, except those of core that only
// whoever writes an adapter or a tool meets: he reads them beside the types.
test("S109 every public member has a docstring", { timeout: 60_000 }, () => {
  const { examined, missing } = docstrings({
    root,
    entries,
    asksFields: (file) => !file.startsWith("packages/core/") || given.test(file),
  });

  expect(missing).toEqual([]);
  expect(examined).toBeGreaterThan(500);
});

// A name such as `runtime.md` that leads nowhere becomes a link to a site of that name.
test("what packages say in comments names only documents that are there", () => {
  const sources = readSources().filter(({ path }) => /^packages\/[^/]+\/src\//.test(path));
  const comments = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*(?:\/\*\*|\*|\/\/).*$/gm)].map(([line]) => ({ path, line })),
  );

  const lost = comments.flatMap(({ path, line }) =>
    (line.match(/[\w/-]+\.md\b/g) ?? []).filter((document) => !isThere(document)).map((name) => `${path}: ${name}`),
  );

  expect(comments.length).toBeGreaterThan(1000);
  expect(lost).toEqual([]);
});

function isThere(document: string): boolean {
  return [document, `docs/${document}`].some((path) => existsSync(`${root}${path}`));
}
