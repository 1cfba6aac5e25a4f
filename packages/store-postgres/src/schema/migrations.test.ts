import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrations } from "../generated/migrations.js";

const root = join(import.meta.dirname, "..", "..");

test("the embedded migrations are those of the folder", () => {
  const script = join(root, "scripts", "embed-migrations.mjs");
  const print = `import(${JSON.stringify(script)}).then((m) => process.stdout.write(m.embedded()))`;
  const expected = execFileSync(process.execPath, ["--input-type=module", "-e", print], { encoding: "utf8" });

  const written = readFileSync(join(root, "src", "generated", "migrations.ts"), "utf8");

  expect(written).toBe(expected);
});

test("migrations are numbered from one without a gap", () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1));
});
