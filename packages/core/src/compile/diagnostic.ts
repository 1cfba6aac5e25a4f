/** One finding of the compiler, with its place in what the user wrote. */
export interface Diagnostic {
  /** Errors keep a document from being deployed, warnings do not. */
  readonly severity: "error" | "warning";
  /** Stable, kebab-case: `unknown-activity`, `unconditional-edge` … */
  readonly code: string;
  /** What was found and what was expected, with the names involved. */
  readonly message: string;
  /** From the root: `app.graphs[0].transitions.start[0].to`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What to do about it, with the nearest known name when one is close; may be empty. */
  readonly hint: string;
  /** The file, when the document was read from files. */
  readonly file?: string;
}
