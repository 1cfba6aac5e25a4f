import { type DocumentPath, formatPath, type Place, placeAt, type SourceNode } from "../document/source-node.js";
import type { Diagnostic } from "./diagnostic.js";

/** What a pass has to say about one place. */
export interface Remark {
  readonly code: string;
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint?: string;
  /** What is at fault: the value, its key, or the map that lacks the key. */
  readonly at?: "value" | "key" | "owner";
}

/** Collects what the passes find, and knows where in the text it is. */
export class Findings {
  private readonly root: SourceNode;
  private readonly found: Diagnostic[] = [];

  constructor(root: SourceNode) {
    this.root = root;
  }

  error(remark: Remark): void {
    this.add("error", remark);
  }

  warning(remark: Remark): void {
    this.add("warning", remark);
  }

  /** Takes over what was found before there was anything to compile. */
  take(diagnostics: readonly Diagnostic[]): void {
    this.found.push(...diagnostics);
  }

  placeOf(path: DocumentPath, of: "key" | "value" = "value"): Place {
    return placeAt(this.root, path, of);
  }

  /** Everything of one severity, in document order; at one place by code. */
  inOrder(severity: "error" | "warning", order: (diagnostic: Diagnostic) => number): readonly Diagnostic[] {
    return this.found
      .filter((diagnostic) => diagnostic.severity === severity)
      .map((diagnostic, index) => ({ diagnostic, index, rank: order(diagnostic) }))
      .sort((a, b) => a.rank - b.rank || byText(a.diagnostic.code, b.diagnostic.code) || a.index - b.index)
      .map(({ diagnostic }) => diagnostic);
  }

  private add(severity: "error" | "warning", remark: Remark): void {
    const { code, path, message, hint = "", at = "value" } = remark;
    const place = at === "owner" ? this.placeOf(path.slice(0, -1)) : this.placeOf(path, at);
    this.found.push({ severity, code, message, path: formatPath(path), hint, ...place });
  }
}

/**
 * Ranks diagnostics by where their place is met when the merged document is read from the start. Within one file that
 * is the order of lines and columns; a file stands where the first reference to it stands.
 */
export function documentOrder(root: SourceNode | null): (diagnostic: Diagnostic) => number {
  let known: ReadonlyMap<string, number> | null = null;
  return (diagnostic) => {
    known ??= placeRanks(root);
    // Text that could not be read has places that no node has; they come first, in the order they were found.
    return known.get(placeKey(diagnostic)) ?? -1;
  };
}

function placeRanks(root: SourceNode | null): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const seen = new Set<SourceNode>();
  const visit = (place: Place): void => {
    const key = placeKey(place);
    if (!ranks.has(key)) ranks.set(key, ranks.size);
  };
  const walk = (node: SourceNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    visit(node.at);
    if (node.kind === "list") for (const item of node.items) walk(item);
    if (node.kind === "map") {
      for (const entry of node.entries.values()) {
        visit(entry.key);
        walk(entry.value);
      }
    }
  };
  if (root !== null) walk(root);
  return ranks;
}

const placeKey = (place: Place): string => `${place.file ?? ""}:${place.line}:${place.column}`;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
