import { nearestName } from "../compile/nearest-name.js";
import type { TextCell } from "./cell.js";
import type { Place } from "./expression-error.js";
import { functionNames, lookupFunction } from "./functions/registry.js";

/** One finding in a value as the document has it. */
export interface LintFinding {
  readonly code: "unknown-function" | "bad-pipe" | "dead-rows" | "dead-cells" | "context-outside-reduce";
  readonly severity: "error" | "warning";
  readonly message: string;
  /** From the value: `["@pipe", 1, 0]`. */
  readonly path: Place;
  /** For an unknown function: the nearest known one, braces included, when one is close. */
  readonly near?: string;
}

export function badPipe(path: Place, message: string): LintFinding {
  return { code: "bad-pipe", severity: "error", message, path };
}

export function deadRow(path: Place, message: string): LintFinding {
  return { code: "dead-rows", severity: "warning", message, path };
}

export function deadCell(path: Place, message: string): LintFinding {
  return { code: "dead-cells", severity: "warning", message, path };
}

/** What is wrong with a text where it is evaluated. */
export function textFindings(cell: TextCell, path: Place, isInReduce: boolean): LintFinding[] {
  if (cell.op === "call" && lookupFunction(cell.fn) === undefined) return [unknownFunction(cell.fn, path)];
  if (cell.op === "variable" && !isInReduce) {
    const message = `{$${cell.name}} has a value only inside @reduce: here it is undefined`;
    return [{ code: "context-outside-reduce", severity: "warning", message, path }];
  }
  return [];
}

function unknownFunction(name: string, path: Place): LintFinding {
  const near = nearestName(name, functionNames());
  const message = `{@${name}} is no function of the catalogue`;
  const finding = { code: "unknown-function", severity: "error", message, path } as const;
  return near === null ? finding : { ...finding, near: `{@${near}}` };
}
