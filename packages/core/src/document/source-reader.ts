import { isAlias, isMap, isPair, isScalar, isSeq, Scalar } from "yaml";
import { type DocumentPath, formatPath, type Place, type SourceEntry, type SourceNode } from "./source-node.js";

type Report = (at: Place, message: string, path: string) => void;
type MapNode = Extract<SourceNode, { readonly kind: "map" }>;

/** Turns the nodes of the YAML library into source nodes. One reader reads one document. */
export class SourceReader {
  private readonly place: (offset: number) => Place;
  private readonly report: Report;
  /** What each anchor stands for at this point of the document; null while it is still being read. */
  private readonly anchors = new Map<string, SourceNode | null>();

  /** How deep each list and map is. Aliases can nest what the text does not. */
  private readonly depths = new Map<SourceNode, number>();
  private readonly depthMax: number;

  constructor(options: {
    readonly place: (offset: number) => Place;
    readonly report: Report;
    readonly depthMax: number;
  }) {
    this.place = options.place;
    this.report = options.report;
    this.depthMax = options.depthMax;
  }

  read(node: unknown, path: DocumentPath = [], fallback: Place = this.place(0)): SourceNode {
    const at = this.placeOf(node) ?? fallback;
    if (isAlias(node)) return this.alias(node.source, at, path);
    const anchor = (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor ? node.anchor : null;
    if (anchor !== null) this.anchors.set(anchor, null);
    const result = this.measured(this.content(node, at, path), path);
    if (anchor !== null) this.anchors.set(anchor, result);
    return result;
  }

  private measured(node: SourceNode, path: DocumentPath): SourceNode {
    if (node.kind === "scalar") return node;
    const children = node.kind === "list" ? node.items : [...node.entries.values()].map((entry) => entry.value);
    const depth = 1 + children.reduce((deepest, child) => Math.max(deepest, this.depths.get(child) ?? 0), 0);
    this.depths.set(node, depth);
    if (depth <= this.depthMax) return node;
    this.report(node.at, `lists and maps are nested deeper than ${this.depthMax} levels`, formatPath(path));
    return { kind: "scalar", at: node.at, value: null };
  }

  private content(node: unknown, at: Place, path: DocumentPath): SourceNode {
    if (isMap(node)) return this.map(node.items, at, path);
    if (isSeq(node)) {
      return { kind: "list", at, items: node.items.map((item, index) => this.item(item, [...path, index], at)) };
    }
    return { kind: "scalar", at, value: isScalar(node) ? scalarValue(node) : null };
  }

  private item(item: unknown, path: DocumentPath, fallback: Place): SourceNode {
    // `!!omap` and `!!pairs` keep bare pairs in a list.
    return isPair(item) ? this.map([item], fallback, path) : this.read(item, path, fallback);
  }

  private alias(name: string, at: Place, path: DocumentPath): SourceNode {
    const target = this.anchors.get(name);
    if (target !== null && target !== undefined) return target;
    this.report(
      at,
      target === null ? `the alias *${name} contains itself` : `no anchor &${name} comes before this alias`,
      formatPath(path),
    );
    return { kind: "scalar", at, value: null };
  }

  private map(pairs: readonly unknown[], at: Place, path: DocumentPath): MapNode {
    const entries = new Map<string, SourceEntry>();
    const merged = new Map<string, SourceEntry>();
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const key = this.key(pair.key, path, at);
      const here = [...path, key.text];
      const value = this.read(pair.value, here, key.at);
      if (key.merges) {
        this.merge(value, merged, here);
      } else if (entries.has(key.text)) {
        this.report(key.at, `the key ${JSON.stringify(key.text)} is in this map twice`, formatPath(here));
      } else {
        entries.set(key.text, { key: key.at, value });
      }
    }
    for (const [key, entry] of merged) if (!entries.has(key)) entries.set(key, entry);
    return { kind: "map", at, entries };
  }

  private key(node: unknown, path: DocumentPath, fallback: Place): { text: string; at: Place; merges: boolean } {
    const at = this.placeOf(node) ?? fallback;
    const scalar = isAlias(node)
      ? this.alias(node.source, at, path)
      : isScalar(node)
        ? this.read(node, path, at)
        : null;
    if (scalar?.kind !== "scalar") {
      this.report(at, "a key is a list or a map; keys are texts", formatPath(path));
      return { text: "", at, merges: false };
    }
    const merges = isScalar(node) && node.type === Scalar.PLAIN && node.value === "<<";
    return { text: String(scalar.value), at, merges };
  }

  /** Of several maps the first that has a key wins, and the keys of the map itself win over all of them. */
  private merge(source: SourceNode, into: Map<string, SourceEntry>, path: DocumentPath): void {
    for (const map of source.kind === "list" ? source.items : [source]) {
      if (map.kind !== "map") {
        this.report(map.at, "a merge key takes a map or a list of maps", formatPath(path));
        continue;
      }
      for (const [key, entry] of map.entries) if (!into.has(key)) into.set(key, entry);
    }
  }

  private placeOf(node: unknown): Place | null {
    const range = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range : null;
    return range ? this.place(range[0]) : null;
  }
}

function scalarValue(node: Scalar): null | boolean | number | string {
  const value = node.value;
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? (node.source ?? null) : value.toISOString();
  // Values of other tags (`!!binary` …) have no JSON form; their text is kept.
  return node.source ?? null;
}
