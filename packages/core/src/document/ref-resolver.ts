import type { Diagnostic } from "../compile/diagnostic.js";
import { fragmentSteps, nodeAlong } from "./json-pointer.js";
import type { LoadedDocument, ReadFile } from "./loaded-document.js";
import { depthMax, parseDocument, sizeMax } from "./parse-document.js";
import { schemaDepth } from "./schema-places.js";
import {
  childNode,
  type DocumentPath,
  expandedSize,
  formatPath,
  type SourceEntry,
  type SourceNode,
} from "./source-node.js";

/** A file and what it says. */
interface Home {
  readonly file: string | null;
  readonly root: SourceNode;
}

interface Located {
  readonly home: Home;
  readonly node: SourceNode;
}

/** Where the resolver stands. */
interface Position {
  readonly home: Home;
  /** In the merged document. */
  readonly path: DocumentPath;
  /** The references that are being resolved around this place, outermost first. */
  readonly active: readonly string[];
  /** The JSON Schema around this place. */
  readonly schema: SourceNode | null;
}

/** References that refer to references can multiply; a document that needs more than this many is refused. */
const resolutionsMax = 20_000;

class RefFailure extends Error {}

/** Replaces each `{ $ref }` of one document by what it refers to. Nodes keep the places they were written at. */
export class RefResolver {
  private readonly read: ReadFile;
  private readonly homes = new Map<string, Home | null>();
  private readonly problems: Diagnostic[] = [];
  private readonly unresolved: DocumentPath[] = [];
  private readonly withRefs = new Map<SourceNode, boolean>();
  private resolutions = 0;

  constructor(read: ReadFile) {
    this.read = read;
  }

  async resolveAll(home: Home): Promise<LoadedDocument> {
    if (home.file !== null) this.homes.set(home.file, home);
    const root = await this.resolve(home.root, { home, path: [], active: [], schema: null });
    if (expandedSize(root, sizeMax) > sizeMax) {
      this.fail(root, [], `the references expand to more than ${sizeMax} values`);
    }
    return { root, problems: this.problems, warnings: [], unresolved: this.unresolved };
  }

  private async resolve(node: SourceNode, position: Position): Promise<SourceNode> {
    if (!this.holdsRef(node)) return node;
    if (position.path.length > depthMax) {
      this.fail(node, position.path, `the references nest lists and maps deeper than ${depthMax} levels`);
      return { kind: "scalar", at: node.at, value: null };
    }
    const schema = schemaDepth(position.path) === position.path.length ? node : position.schema;
    const here = { ...position, schema };
    const ref = refOf(node);
    if (ref !== null && node.kind === "map") return this.replace(node, ref, here);
    if (node.kind === "map") return { ...node, entries: await this.entries(node.entries, here) };
    if (node.kind === "scalar") return node;
    const items: SourceNode[] = [];
    for (const [index, item] of node.items.entries()) {
      items.push(await this.resolve(item, { ...here, path: [...here.path, index] }));
    }
    return { ...node, items };
  }

  private async entries(
    entries: ReadonlyMap<string, SourceEntry>,
    position: Position,
  ): Promise<ReadonlyMap<string, SourceEntry>> {
    const resolved = new Map<string, SourceEntry>();
    for (const [key, entry] of entries) {
      const value = await this.resolve(entry.value, { ...position, path: [...position.path, key] });
      resolved.set(key, { key: entry.key, value });
    }
    return resolved;
  }

  /** What stands beside `$ref` is laid over the map that it refers to. */
  private async replace(
    node: Extract<SourceNode, { kind: "map" }>,
    ref: string,
    position: Position,
  ): Promise<SourceNode> {
    const { home, path, active } = position;
    try {
      this.resolutions += 1;
      if (this.resolutions > resolutionsMax) throw new RefFailure(`more than ${resolutionsMax} references`);
      const target = await this.locate(ref, home, active);
      const inside = { ...position, home: target.home, active: [...active, identity(ref, home)] };
      const found = await this.resolve(target.node, inside);
      const beside = new Map([...node.entries].filter(([key]) => key !== "$ref"));
      if (found.kind !== "map" || beside.size === 0) return found;
      return { ...found, entries: new Map([...found.entries, ...(await this.entries(beside, position))]) };
    } catch (failure) {
      if (!(failure instanceof RefFailure)) throw failure;
      if (!isLocal(ref, position.schema)) this.fail(node, path, failure.message);
      return node;
    }
  }

  private async locate(ref: string, home: Home, active: readonly string[]): Promise<Located> {
    const key = identity(ref, home);
    if (active.includes(key)) {
      throw new RefFailure(
        `${quote(ref)} refers to itself: ${[...active.slice(active.indexOf(key)), key].join(" → ")}`,
      );
    }
    const [file, fragment] = split(ref);
    const steps = fragmentSteps(fragment);
    if (steps === null) throw new RefFailure(`the fragment of ${quote(ref)} is no JSON pointer`);
    const start = file === "" ? home : await this.open(file, home.file);
    let at: Located = { home: start, node: start.root };
    for (const step of steps) {
      const inner = refOf(at.node);
      if (inner !== null) at = await this.locate(inner, at.home, [...active, key]);
      const next = childNode(at.node, step);
      if (next === undefined) throw new RefFailure(`${quote(ref)} has no target: there is no ${quote(step)}`);
      at = { home: at.home, node: next.value };
    }
    return at;
  }

  private async open(file: string, from: string | null): Promise<Home> {
    let source: Awaited<ReturnType<ReadFile>>;
    try {
      source = await this.read(file, from);
    } catch (error) {
      throw new RefFailure(`${quote(file)} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    const known = this.homes.get(source.file);
    if (known !== undefined && known !== null) return known;
    const parsed = parseDocument(source.text, source.file);
    if (known === undefined) this.problems.push(...parsed.problems);
    const home = parsed.root === null ? null : { file: source.file, root: parsed.root };
    this.homes.set(source.file, home);
    if (home === null) throw new RefFailure(`${quote(file)} is empty or not well-formed`);
    return home;
  }

  private fail(node: SourceNode, path: DocumentPath, message: string): void {
    const ref = childNode(node, "$ref")?.value;
    this.unresolved.push(path);
    this.problems.push({
      severity: "error",
      code: "bad-ref",
      message,
      path: formatPath(ref === undefined ? path : [...path, "$ref"]),
      hint: "",
      ...(ref ?? node).at,
    });
  }

  /** Most of a document holds no reference: it is kept as it is, shared nodes included. */
  private holdsRef(node: SourceNode): boolean {
    if (node.kind === "scalar") return false;
    const known = this.withRefs.get(node);
    if (known !== undefined) return known;
    const children = node.kind === "list" ? node.items : [...node.entries.values()].map((entry) => entry.value);
    const holds = refOf(node) !== null || children.some((child) => this.holdsRef(child));
    this.withRefs.set(node, holds);
    return holds;
  }
}

/** The text of `$ref`. A map whose key `$ref` is of another kind, a schema's property for example, is no reference. */
function refOf(node: SourceNode): string | null {
  const value = node.kind === "map" ? node.entries.get("$ref")?.value : undefined;
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : null;
}

/** A reference that a schema resolves by itself: its target lies in the schema and not in the file. */
function isLocal(ref: string, schema: SourceNode | null): boolean {
  if (schema === null || !ref.startsWith("#")) return false;
  const steps = fragmentSteps(ref.slice(1));
  return steps !== null && nodeAlong(schema, steps) !== undefined;
}

const split = (ref: string): readonly [file: string, fragment: string] => {
  const hash = ref.indexOf("#");
  return hash < 0 ? [ref, ""] : [ref.slice(0, hash), ref.slice(hash + 1)];
};
const identity = (ref: string, home: Home): string =>
  ref.startsWith("#") ? `${home.file ?? ""}${ref}` : `${home.file ?? ""}>${ref}`;
const quote = (text: string): string => JSON.stringify(text);
