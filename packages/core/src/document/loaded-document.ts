import type { Diagnostic } from "../compile/diagnostic.js";
import type { DocumentPath, SourceNode } from "./source-node.js";

/** Text to compile. `file` names it when it was read from somewhere. */
export interface DocumentSource {
  readonly text: string;
  readonly file?: string;
}

/**
 * Reads a file that a `$ref` names. `file` is as written, `from` the file that names it (as this function called it
 * when it was read). Answers with the identity of the file (an absolute path, a URL) and its text; rejects when there
 * is none, or when the file may not be read. The message of the rejection becomes part of the diagnostic.
 */
export type ReadFile = (file: string, from: string | null) => Promise<DocumentSource & { readonly file: string }>;

/** A document with its references resolved, and what was wrong on the way. */
export interface LoadedDocument {
  /** Null when the text is empty or not well-formed. */
  readonly root: SourceNode | null;
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** Where references stayed unresolved: nothing more can be said about these places. */
  readonly unresolved: readonly DocumentPath[];
}
