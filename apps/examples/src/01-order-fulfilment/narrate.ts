/** One line of the story. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The heading of a chapter. */
export function chapter(title: string): void {
  process.stdout.write(`\n— ${title}\n`);
}

/** Rows as a table, columns as wide as they need to be, numbers to the right. */
export function table(objects: readonly object[]): string {
  const rows = objects.map((object): Readonly<Record<string, unknown>> => ({ ...object }));
  const [first] = rows;
  if (first === undefined) return "  (no rows)\n";
  const names = Object.keys(first);
  const cells = rows.map((row) => names.map((name) => cell(row[name])));
  const widths = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const isNumeric = names.map((name) => rows.every((row) => typeof row[name] === "number"));
  const padded = (text: string, at: number) =>
    isNumeric[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  const line = (row: readonly string[]) => `  ${row.map(padded).join("  ")}`;
  const ruler = widths.map((width) => "─".repeat(width));
  return [line(names), line(ruler), ...cells.map(line)].map((text) => `${text.trimEnd()}\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
