import { expect, test } from "vitest";

import { checkLayers } from "./check-layers.js";
import { type Manifest, readManifests, readSources, type SourceFile } from "./source-files.js";

test("this checkout keeps to its layers", () => {
  expect(checkLayers(readSources(), readManifests())).toEqual([]);
});

const manifests: readonly Manifest[] = [
  manifest("", "hotmesh", { development: ["vitest", "@hotmesh/core", "@hotmesh/engine"] }),
  manifest("packages/core", "@hotmesh/core", { shipped: ["yaml"], entries: ["index", "compiler", "testing/index"] }),
  manifest("packages/engine", "@hotmesh/engine", {
    shipped: ["@hotmesh/core"],
    development: ["kysely"],
    entries: ["index"],
  }),
  manifest("packages/worker", "@hotmesh/worker", { shipped: ["@hotmesh/core", "@hotmesh/engine"], entries: ["index"] }),
  manifest("apps/examples", "@hotmesh/examples", { shipped: ["@hotmesh/core"] }),
];

interface Declared {
  readonly shipped?: readonly string[];
  readonly development?: readonly string[];
  readonly entries?: readonly string[];
}

function manifest(folder: string, name: string, { shipped = [], development = [], entries = [] }: Declared): Manifest {
  const exports = entries.map((entry) => {
    const key = entry.replace(/\/?index$/, "");
    return [key === "" ? "." : `./${key}`, `src/${entry}.ts`] as const;
  });

  return {
    folder,
    name,
    shipped: new Set(shipped),
    declared: new Set([...shipped, ...development]),
    exports: new Map(exports),
  };
}

/** Checks files given as path and import specifiers. */
function check(files: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const sources = Object.entries(files).map(([path, specifiers]): SourceFile => {
    return { path, text: specifiers.map((specifier) => `import type {} from "${specifier}";\n`).join("") };
  });

  return checkLayers(sources, manifests);
}

test("a leaf imports core", () => {
  expect(check({ "packages/engine/src/pump.ts": ["@hotmesh/core"], "packages/core/src/index.ts": [] })).toEqual([]);
});

test("a leaf imports no other leaf", () => {
  expect(check({ "packages/worker/src/a.ts": ["@hotmesh/engine"] })).toEqual([
    "packages/worker/src/a.ts:1 imports @hotmesh/engine: a leaf imports only core of ours",
  ]);
});

test.for(["node:fs", "fs", "fs/promises"])("core does not import %s", (specifier) => {
  expect(check({ "packages/core/src/a.ts": [specifier] })).toContain(
    `packages/core/src/a.ts:1 imports ${specifier}: core has no Node API`,
  );
});

test("core's tests may use Node", () => {
  expect(check({ "packages/core/src/a.test.ts": ["node:fs", "vitest"] })).toEqual([]);
});

test("core imports nothing of ours", () => {
  expect(check({ "packages/core/src/a.ts": ["@hotmesh/engine"] })).toContain(
    "packages/core/src/a.ts:1 imports @hotmesh/engine: core imports nothing of ours",
  );
});

test("the testing entry is for tests and apps", () => {
  const specifiers = ["@hotmesh/core/testing"];

  expect(check({ "packages/engine/src/a.test.ts": specifiers, "apps/examples/src/main.ts": specifiers })).toEqual([]);
  expect(check({ "packages/engine/src/a.ts": specifiers })).toEqual([
    "packages/engine/src/a.ts:1 imports @hotmesh/core/testing: testing code is for tests and apps",
  ]);
});

test("testing code within a package is for its tests", () => {
  expect(check({ "packages/core/src/a.ts": ["./testing/b.js"], "packages/core/src/testing/b.ts": [] })).toEqual([
    "packages/core/src/a.ts:1 imports ./testing/b.js: testing code is for tests and apps",
  ]);
});

test.for(["@hotmesh/core/src/a.js", "@hotmesh/core/dist/index.js"])("nothing imports %s", (specifier) => {
  expect(check({ "packages/engine/src/a.ts": [specifier] })).toEqual([
    `packages/engine/src/a.ts:1 imports ${specifier}: nothing imports from a package's inside`,
  ]);
});

test("no path leads from one package into another", () => {
  expect(check({ "packages/engine/src/a.ts": ["../../core/src/b.js"], "packages/core/src/b.ts": [] })).toEqual([
    "packages/engine/src/a.ts:1 imports ../../core/src/b.js: nothing imports from a package's inside",
  ]);
});

test("shipped code imports only what the package ships with", () => {
  expect(check({ "packages/engine/src/a.ts": ["kysely"], "packages/engine/src/b.ts": ["vitest"] })).toEqual([
    "packages/engine/src/a.ts:1 imports kysely: its package.json does not name it",
    "packages/engine/src/b.ts:1 imports vitest: its package.json does not name it",
  ]);
});

test("a test imports what its package or the root names, and nothing else", () => {
  expect(check({ "packages/engine/src/a.test.ts": ["vitest", "kysely"] })).toEqual([]);
  expect(check({ "packages/engine/src/a.test.ts": ["lodash"] })).toEqual([
    "packages/engine/src/a.test.ts:1 imports lodash: its package.json does not name it",
  ]);
});

test("the main entry of core does not lead to the compiler's dependencies", () => {
  const files = {
    "packages/core/src/index.ts": ["./a.js"],
    "packages/core/src/a.ts": ["./b.js"],
    "packages/core/src/b.ts": ["yaml"],
  };

  expect(check(files)).toEqual(["packages/core/src/b.ts:1 imports yaml, and packages/core/src/index.ts leads there"]);
  expect(check({ "packages/core/src/compiler.ts": ["yaml"], "packages/core/src/index.ts": [] })).toEqual([]);
});

test("imports make no cycle, not even of types", () => {
  const files = {
    "scripts/a.ts": ["./b.js"],
    "scripts/b.ts": ["./c.js"],
    "scripts/c.ts": ["./b.js"],
    "scripts/d.ts": ["./a.js"],
  };

  expect(check(files)).toEqual(["import cycle: scripts/b.ts → scripts/c.ts → scripts/b.ts"]);
});

test.for([
  'await import("node:fs");',
  'export * from "node:fs";',
  'type A = import("node:fs").Stats;',
  'import "node:fs";',
])("%s is an import", (text) => {
  expect(checkLayers([{ path: "packages/core/src/a.ts", text }], manifests)).toHaveLength(1);
});
