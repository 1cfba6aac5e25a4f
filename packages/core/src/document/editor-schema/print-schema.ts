import type { Json } from "../../json.js";

const columnsMax = 120;

/** JSON as the formatter of this project writes it: a list of scalars on one line where it fits. */
export function printSchema(schema: Json): string {
  return `${printed(schema, { indent: 0, before: 0 })}\n`;
}

/** `before`: columns that stand on the line already, the comma behind included. */
interface Spot {
  readonly indent: number;
  readonly before: number;
}

function printed(value: Json, { indent, before }: Spot): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent + 2;
  const isList = Array.isArray(value);
  const lines = isList
    ? value.map((item: Json) => printed(item, { indent: inner, before: inner + 1 }))
    : Object.entries(value).map(([key, item]) => {
        const name = `${JSON.stringify(key)}: `;
        return name + printed(item, { indent: inner, before: inner + name.length + 1 });
      });
  if (lines.length === 0) return isList ? "[]" : "{}";
  const flat = `[${lines.join(", ")}]`;
  if (isList && !flat.includes("\n") && before + flat.length <= columnsMax) return flat;
  const body = lines.map((line) => `${" ".repeat(inner)}${line}`).join(",\n");
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return `${open}\n${body}\n${" ".repeat(indent)}${close}`;
}
