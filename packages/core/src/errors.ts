import type { Diagnostic } from "./compile/diagnostic.js";
import { type ErrorKind, errorKinds } from "./error-kinds.js";

const mark = Symbol.for("hotmesh.error");

/**
 * A call could not be served. Thrown at borders, never used for the failures of jobs, which are data.
 * Recognised by a mark that all copies of the library share, so `HotMeshError.is(e)` also holds for an error that
 * another copy of the package made.
 */
export class HotMeshError extends Error {
  override readonly name: string = "HotMeshError";
  readonly [mark] = true;
  /** Stable word that tells what went wrong, `topic-not-found`. */
  readonly kind: ErrorKind;
  /** HTTP-like; that of the kind, or of the failure that is told. */
  readonly code: number;
  /** True: the same call may succeed when it is made again. */
  readonly retryable: boolean;

  /** `code` only where the failure of a job or a mapping is told, which has one of its own. */
  constructor(kind: ErrorKind, message: string, options: { readonly code?: number; readonly cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.code = options.code ?? errorKinds[kind].code;
    this.retryable = errorKinds[kind].retryable;
  }

  /** Whether something that was thrown is one, whichever copy of the package has made it. */
  static is(value: unknown): value is HotMeshError {
    return typeof value === "object" && value !== null && mark in value;
  }
}

/** A live job has the id. */
export class DuplicateJobError extends HotMeshError {
  override readonly name = "DuplicateJobError";
  /** The id that is taken. */
  readonly jobId: string;

  constructor(jobId: string) {
    super("job-exists", `Duplicate job: ${jobId}`);
    this.jobId = jobId;
  }
}

/** A payload that its graph's input schema refuses: every violation, `path` a JSON pointer into the payload. */
export class PayloadInvalidError extends HotMeshError {
  override readonly name = "PayloadInvalidError";
  /** Every violation; `path` is a JSON pointer into the payload. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(topic: string, errors: PayloadInvalidError["errors"]) {
    const list = errors.map(({ path, message }) => `${path === "" ? "the payload" : path} ${message}`).join("; ");
    super("payload-invalid", `the payload for topic ${topic} breaks the graph's input schema: ${list}`);
    this.errors = errors;
  }
}

/** A document that cannot be deployed: every problem of it, in document order. */
export class CompileError extends HotMeshError {
  override readonly name = "CompileError";
  /** Every problem of the document, in its order. */
  readonly problems: readonly Diagnostic[];
  /** What is doubtful besides. */
  readonly warnings: readonly Diagnostic[];

  constructor(problems: readonly Diagnostic[], warnings: readonly Diagnostic[] = []) {
    super("compile-failed", describe(problems));
    this.problems = problems;
    this.warnings = warnings;
  }
}

/** Our own bug: thrown, never caught to go on. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw broken(message);
}

/** What {@link invariant} throws, for a place that cannot be reached unless something is broken. */
export function broken(message: string): Error {
  return new Error(`HotMesh invariant broken: ${message}. Please report this.`);
}

function describe(problems: readonly Diagnostic[]): string {
  const lines = problems.map(
    (p) =>
      `  ${p.file === undefined ? "" : `${p.file}:`}${p.line}:${p.column} ${p.code} at ${p.path}: ${p.message}` +
      (p.hint === "" ? "" : ` (${p.hint})`),
  );
  return `the document has ${problems.length} problem${problems.length === 1 ? "" : "s"}\n${lines.join("\n")}`;
}
