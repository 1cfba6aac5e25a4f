import type { Json } from "../json.js";

/** Where something stands in what the user wrote. Both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly file?: string;
}

/**
 * A value of a document together with its place. Nodes that came through an alias are shared, so this is a graph
 * without circles.
 */
export type SourceNode =
  | { readonly kind: "scalar"; readonly at: Place; readonly value: null | boolean | number | string }
  | { readonly kind: "list"; readonly at: Place; readonly items: readonly SourceNode[] }
  | { readonly kind: "map"; readonly at: Place; readonly entries: ReadonlyMap<string, SourceEntry> };

export interface SourceEntry {
  /** The place of the key. */
  readonly key: Place;
  readonly value: SourceNode;
}

/** One step from a map or list to what it holds. */
export type PathStep = string | number;
export type DocumentPath = readonly PathStep[];

/** The value without its places. `__proto__` is an ordinary key. Shared nodes give shared values. */
export function plainValue(node: SourceNode): Json {
  return plain(node, new Map());
}

function plain(node: SourceNode, known: Map<SourceNode, Json>): Json {
  if (node.kind === "scalar") return node.value;
  const found = known.get(node);
  if (found !== undefined) return found;
  const value: Json =
    node.kind === "list"
      ? node.items.map((item) => plain(item, known))
      : Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, plain(entry.value, known)]));
  known.set(node, value);
  return value;
}

/** What a node holds at one step, with the place of the key where there is one. */
export function childNode(node: SourceNode, step: PathStep): SourceEntry | undefined {
  switch (node.kind) {
    case "scalar":
      return undefined;
    case "map":
      return node.entries.get(String(step));
    case "list": {
      const item = node.items[Number(step)];
      return item === undefined ? undefined : { key: item.at, value: item };
    }
  }
}

/** The place of the value at a path, or of its key; of the nearest value around it when there is nothing. */
export function placeAt(root: SourceNode, path: DocumentPath, of: "value" | "key" = "value"): Place {
  let entry: SourceEntry = { key: root.at, value: root };
  for (const step of path) {
    const next = childNode(entry.value, step);
    if (next === undefined) return entry.value.at;
    entry = next;
  }
  return of === "key" ? entry.key : entry.value.at;
}

/** `app.graphs[0].transitions.start[0].to`; keys that are not plain words are quoted. */
export function formatPath(path: DocumentPath): string {
  return path.map(formatStep).join("").replace(/^\./, "");
}

function formatStep(step: PathStep): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[\p{L}\p{N}_$-]+$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** How often nodes are visited when shared nodes are walked once per use; stops counting beyond `limit`. */
export function expandedSize(root: SourceNode, limit: number): number {
  const known = new Map<SourceNode, number>();
  const sizeOf = (node: SourceNode): number => {
    if (node.kind === "scalar") return 1;
    const found = known.get(node);
    if (found !== undefined) return found;
    const children = node.kind === "list" ? node.items : [...node.entries.values()].map((entry) => entry.value);
    const size = children.reduce((sum, child) => Math.min(limit + 1, sum + sizeOf(child)), 1);
    known.set(node, size);
    return size;
  };
  return sizeOf(root);
}
