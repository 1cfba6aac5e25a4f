import type { Diagnostic } from "../compile/diagnostic.js";
import type { DocumentSource, LoadedDocument, ReadFile } from "./loaded-document.js";
import { parseDocument } from "./parse-document.js";
import { RefResolver } from "./ref-resolver.js";
import { schemaDepth } from "./schema-places.js";
import { type DocumentPath, formatPath, type SourceNode } from "./source-node.js";

/** Parses a document and resolves its `$ref`s through `read`. */
export async function loadDocument(source: DocumentSource, read?: ReadFile): Promise<LoadedDocument> {
  if (read === undefined) return loadInline(source);
  const { root, problems } = parseDocument(source.text, source.file);
  if (root === null) return { root, problems, warnings: [], unresolved: [] };
  return new RefResolver(read).resolveAll({ file: source.file ?? null, root });
}

/** Parses a document that has no file: `$ref` means nothing there, and a warning says so. */
export function loadInline(source: DocumentSource): LoadedDocument {
  const { root, problems } = parseDocument(source.text, source.file);
  const warnings: Diagnostic[] = [];
  if (root !== null && holdsRef(root)) warnOfRefs(root, [], warnings);
  return { root, problems, warnings, unresolved: [] };
}

function holdsRef(node: SourceNode): boolean {
  if (node.kind === "scalar") return false;
  if (node.kind === "list") return node.items.some(holdsRef);
  if (node.entries.has("$ref")) return true;
  for (const { value } of node.entries.values()) if (holdsRef(value)) return true;
  return false;
}

function warnOfRefs(node: SourceNode, path: DocumentPath, warnings: Diagnostic[]): void {
  if (node.kind === "scalar" || schemaDepth(path) !== null) return;
  if (node.kind === "list") {
    for (const [index, item] of node.items.entries()) warnOfRefs(item, [...path, index], warnings);
    return;
  }
  for (const [key, { value }] of node.entries) {
    if (key === "$ref" && value.kind === "scalar" && typeof value.value === "string") {
      warnings.push({
        severity: "warning",
        code: "inline-ref",
        message: `the reference ${JSON.stringify(value.value)} is not resolved, because the document was given as text`,
        path: formatPath([...path, key]),
        hint: "give the path of a file instead, or use an anchor and an alias",
        ...value.at,
      });
    }
    warnOfRefs(value, [...path, key], warnings);
  }
}
