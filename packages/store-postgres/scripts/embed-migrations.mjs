// Writes src/generated/migrations.ts from migrations/*.sql, so that a bundle carries its schema with it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(import.meta.dirname, "..");
const target = join(root, "src", "generated", "migrations.ts");

export function embedded() {
  const names = readdirSync(join(root, "migrations"))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const entries = names.map((name) => {
    const sql = readFileSync(join(root, "migrations", name), "utf8");
    return `  { version: ${Number.parseInt(name, 10)}, name: ${JSON.stringify(name)}, sql: ${JSON.stringify(sql)} },`;
  });
  return [
    "// Written by scripts/embed-migrations.mjs. Change the files in migrations/ instead.",
    "export const migrations: readonly { readonly version: number; readonly name: string; readonly sql: string }[] = [",
    ...entries,
    "];",
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, embedded());
