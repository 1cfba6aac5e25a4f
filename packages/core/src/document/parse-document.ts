import { Composer, type CST, LineCounter, type ParsedNode, Parser } from "yaml";
import type { Diagnostic } from "../compile/diagnostic.js";
import { readPlain } from "./plain-reader.js";
import { expandedSize, type Place, type SourceNode } from "./source-node.js";
import { SourceReader } from "./source-reader.js";

/** A document nested deeper is refused, because composing it could exhaust the stack of the process. */
export const depthMax = 600;
/** Aliases may make a document this large, counted in values; a bomb of nested aliases is refused. */
export const sizeMax = 1_000_000;

/** What YAML text says, or why it says nothing. `root` is null when the text is empty or not well-formed. */
export interface ParsedDocument {
  readonly root: SourceNode | null;
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads YAML (and so JSON) with the place of every key and value. Anchors, aliases and merge keys are followed; a
 * bare timestamp is its ISO text; `.nan` and `.inf` are null; a key twice in one map is a problem.
 */
export function parseDocument(text: string, file?: string): ParsedDocument {
  const scalar = (word: string): SourceNode | null => parseWithLibrary(word).root;
  const root = text.length > sizeMax ? null : readPlain(text, { file, scalar });
  return root === null ? parseWithLibrary(text, file) : { root, problems: [] };
}

/** The same by the YAML library alone, which reads everything and knows what is wrong where. */
export function parseWithLibrary(text: string, file?: string): ParsedDocument {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const place = (offset: number): Place => {
    const found = lines.linePos(offset);
    const at = { line: Math.max(1, found.line), column: Math.max(1, found.col) };
    return file === undefined ? at : { ...at, file };
  };
  const tooDeep = firstBeyondDepth(tokens);
  if (tooDeep !== null) {
    return failed([malformed(place(tooDeep), `lists and maps are nested deeper than ${depthMax} levels`)]);
  }
  const documents = [...compose(tokens, text.length)];
  const broken = documents.flatMap((document) => document.errors.map((e) => malformed(place(e.pos[0]), e.message)));
  const second = documents[1];
  if (second !== undefined) broken.push(malformed(place(second.range?.[0] ?? 0), "a second document begins here"));
  const contents = documents[0]?.contents ?? null;
  if (broken.length > 0) return failed(broken);
  if (contents === null) return failed([]);
  return read(contents, place);
}

function compose(tokens: readonly CST.Token[], length: number) {
  // Duplicates are found by our own reader, which compares keys as the text they become and knows their path.
  const options = { schema: "core", customTags: ["timestamp" as const], uniqueKeys: false, prettyErrors: false };
  return new Composer(options).compose(tokens, true, length);
}

function read(contents: ParsedNode, place: (offset: number) => Place): ParsedDocument {
  const problems: Diagnostic[] = [];
  const reader = new SourceReader({
    place,
    depthMax,
    report: (at, message, path) => problems.push(malformed(at, message, path)),
  });
  const root = reader.read(contents);
  if (problems.length === 0 && expandedSize(root, sizeMax) > sizeMax) {
    problems.push(malformed(root.at, `its aliases expand to more than ${sizeMax} values`));
  }
  return problems.length > 0 ? failed(problems) : { root, problems };
}

function failed(problems: readonly Diagnostic[]): ParsedDocument {
  return { root: null, problems };
}

function malformed(at: Place, message: string, path = ""): Diagnostic {
  return { severity: "error", code: "malformed-yaml", message, path, hint: "make it well-formed YAML", ...at };
}

/** The offset of the first list or map that is too deep. Walks without recursion: depth is what it guards against. */
function firstBeyondDepth(tokens: readonly CST.Token[]): number | null {
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (token.type === "document") {
      if (token.value !== undefined) open.push({ token: token.value, depth });
    } else if ("items" in token) {
      if (depth >= depthMax) return token.offset;
      for (const item of token.items) {
        for (const child of [item.key, item.value]) {
          if (child !== undefined && child !== null) open.push({ token: child, depth: depth + 1 });
        }
      }
    }
  }
  return null;
}
