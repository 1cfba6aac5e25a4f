import { CompileError } from "../errors.js";
import { compileText } from "./compile.js";
import type { Diagnostic } from "./diagnostic.js";

/** `7:9 bad-id app.graphs[0].activities.x`. */
export const short = ({ line, column, code, path }: Diagnostic): string => `${line}:${column} ${code} ${path}`.trim();

/** Everything that is said about a document, errors first. */
export function said(text: string): readonly string[] {
  try {
    return compileText(text, { app: "demo" }).warnings.map(short);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return [...error.problems, ...error.warnings].map(short);
  }
}

/** A document of one graph. Its keys begin on line 6, in column 7. */
export function graph(...lines: readonly string[]): string {
  const head = "app:\n  id: demo\n  version: '1'\n  graphs:\n    - subscribes: t\n";
  return head + lines.map((line) => `      ${line}\n`).join("");
}

/** A graph of a trigger `a` and the activities given; those begin on line 8, in column 9. */
export function activities(...lines: readonly string[]): string {
  const own = lines.findIndex((line) => !line.startsWith(" "));
  const inner = own < 0 ? lines : lines.slice(0, own);
  const rest = own < 0 ? [] : lines.slice(own);
  return graph("activities:", "  a: { type: trigger }", ...inner, ...rest);
}

/** The path of the only graph. */
export const G = "app.graphs[0]";

/** A document, and everything that is said about it, errors first. */
export type Case = readonly [name: string, text: string, said: readonly string[]];
