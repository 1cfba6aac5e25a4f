import {
  type GenerationId,
  generationId,
  type JobId,
  jobId,
  type MessageKey,
  messageKey,
  type PathText,
} from "../brand.js";
import { base64url, sha256 } from "../plan/sha-256.js";

/**
 * Ids are derived, never drawn: a step that is repeated makes the same messages and starts the same children.
 * The form is that of every generated id: `H` and 22 characters of `A-Za-z0-9_-`.
 */
function derive(...parts: readonly (string | number)[]): string {
  return `H${base64url(sha256(JSON.stringify(parts))).slice(0, 22)}`;
}

/** The message that serves `purpose` for one pass; `attempt` tells repetitions of it apart. */
export function keyOf(
  pass: { readonly generation: GenerationId; readonly path: PathText },
  purpose: string,
  attempt = 0,
): MessageKey {
  return messageKey(derive(pass.generation, pass.path, purpose, attempt));
}

/** The message that follows from another one: its answer, its retry, the delivery of a signal. */
export function keyAfter(key: MessageKey, purpose: string, attempt: string | number = 0): MessageKey {
  return messageKey(derive(key, purpose, attempt));
}

/** The generated id of a child whose graph names none. */
export function childJobId(generation: GenerationId, path: PathText): JobId {
  return jobId(derive(generation, path, "child"));
}

/** The generation of a child job. */
export function childGeneration(generation: GenerationId, path: PathText): GenerationId {
  return generationId(derive(generation, path, "generation"));
}
