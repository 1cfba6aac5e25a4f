import type { PathText } from "../../brand.js";
import type { RecordedError } from "../../code/protocol.js";
import type { Json, JsonObject } from "../../json.js";
import { announce } from "../announce.js";
import { complete } from "../complete.js";
import type { Draft } from "../draft.js";
import { dropOperations } from "./cancel.js";
import { askForEntry, type CodePass, codePass, isMain } from "./entry.js";

/**
 * A function has returned. The main one ends its job, with whatever is still under way; of a hook function nobody
 * looks at what it returns.
 */
export function returnFromFunction(draft: Draft, path: PathText, value: Json | undefined): void {
  const pass = passOf(draft, path);
  dropOperations(draft, path);
  if (!isMain(draft, pass)) {
    draft.open.delete(path);
    // The last one of a job that went on without its main function keeps nothing open by itself: the door does.
    if (draft.obligations() === 0) complete(draft, pass);
    return;
  }
  draft.data = { ...draft.data, done: true, ...(value !== undefined && { response: value }) };
  if (pass.code.persistent) {
    draft.open.set(path, { ...pass, code: { ...pass.code, ended: true, running: false } });
    announce(draft, { final: true, status: draft.obligations() });
    return;
  }
  draft.giveUp();
  complete(draft, pass);
}

/** A function has failed for good, and its job with it. */
export function failFunction(draft: Draft, path: PathText, error: RecordedError): void {
  const pass = passOf(draft, path);
  const { message, code, stack, name } = error;
  const failure: JsonObject = {
    message,
    code,
    ...(stack !== undefined && { stack }),
    ...(name !== undefined && { name }),
  };
  draft.failure ??= { ...failure, is_stream_error: true };
  draft.data = { ...draft.data, done: true, $error: failure };
  draft.giveUp();
  complete(draft, pass);
}

/** The function begins anew, under the same id: what it had recorded counts no more. */
export function continueAsNew(draft: Draft, path: PathText, given: readonly Json[]): void {
  const pass = passOf(draft, path);
  dropOperations(draft, path);
  const { turn } = pass.code;
  const code = { ...pass.code, turn: turn + 1, outcomes: 0, entered: false, patches: [] };
  askForEntry(draft, { ...pass, code }, given);
}

function passOf(draft: Draft, path: PathText): CodePass {
  const pass = codePass(draft, path);
  if (pass === null) throw new Error(`pass ${path} runs no function`);
  return pass;
}
