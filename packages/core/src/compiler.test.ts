import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as compiler from "./compiler.js";

/** Every package that a module reaches at run time, through whatever modules of ours. */
function packagesBehind(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  const found = new Set<string>();
  if (seen.has(entry)) return found;
  seen.add(entry);
  const text = readFileSync(entry, "utf8").replace(/^(?:import|export) type [^;]*;/gms, "");
  for (const [, from = ""] of text.matchAll(/^(?:import|export) [^;]*?from "([^"]+)";/gms)) {
    if (!from.startsWith(".")) found.add(from);
    else
      for (const name of packagesBehind(resolve(dirname(entry), from.replace(/\.js$/, ".ts")), seen)) found.add(name);
  }
  return found;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

test("the compiler reads YAML and checks schemas; the rest of the package needs neither", () => {
  expect(existsSync(here("./index.ts"))).toBe(true);
  expect([...packagesBehind(here("./compiler.ts"))].sort()).toEqual(["ajv", "ajv/dist/2020.js", "yaml"]);
  expect([...packagesBehind(here("./index.ts"))]).toEqual([]);
});

test("the compiler offers what it is for", () => {
  expect(Object.keys(compiler).sort()).toEqual([
    "compile",
    "compileText",
    "documentSchema",
    "emitTypes",
    "loadDocument",
    "loadInline",
    "payloadCheck",
    "payloadValidator",
  ]);
});
