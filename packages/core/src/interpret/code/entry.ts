import type { Address, PathText } from "../../brand.js";
import type { EntryBody } from "../../code/protocol.js";
import type { CodeState, OpenPass } from "../../job/control.js";
import { keyOf } from "../../job/keys.js";
import { childAddress, pathOf } from "../../job/path.js";
import type { Json } from "../../json.js";
import { cancelMark } from "../cancel-mark.js";
import type { Draft } from "../draft.js";
import { traceOf } from "../leg.js";

/** A pass that runs a function. */
export type CodePass = OpenPass & { readonly code: CodeState };

/** The pass of a function that is still open. */
export function codePass(draft: Draft, path: PathText): CodePass | null {
  const pass = draft.open.get(path);
  return pass !== undefined && isCode(pass) ? pass : null;
}

/** True of the pass of a function. */
export function isCode(pass: OpenPass): pass is CodePass {
  return pass.code !== undefined;
}

/** Where the records of the function's present turn stand. */
export function turnAddress(pass: Pick<CodePass, "address" | "code">): Address {
  return childAddress(pass.address, pass.code.turn);
}

/** The dimension of a hook function; that of the main function is empty. */
function dimensionOf(draft: Draft, pass: OpenPass): string {
  return pass.activity === mainOf(draft) ? "" : pass.address;
}

function mainOf(draft: Draft): string | undefined {
  return draft.index.activity(draft.graph.trigger)?.edges[0]?.to;
}

/** True of the function that the job was started for. */
export function isMain(draft: Draft, pass: OpenPass): boolean {
  return pass.activity === mainOf(draft);
}

/** Sends the message that asks a worker to enter the function. `given`: its arguments, at the beginning of a turn. */
export function askForEntry(draft: Draft, pass: CodePass, given: readonly Json[] | null = null): void {
  const path = pathOf(pass.activity, pass.address);
  const { record } = draft;
  const { code } = pass;
  const open = [...draft.open.values()].flatMap(({ operation }) =>
    operation?.of === path ? [{ n: operation.n, kind: operation.kind, name: operation.name }] : [],
  );
  const body: EntryBody = {
    workflowName: code.workflowName,
    taskQueue: code.taskQueue,
    at: turnAddress(pass),
    dimension: dimensionOf(draft, pass),
    turn: code.turn,
    ...(given !== null && { arguments: given }),
    open,
    recorded: code.outcomes,
    cancelled: Object.hasOwn(draft.fields, cancelMark),
    patches: code.patches,
    policy: code.policy,
    originJobId: record.origin ?? record.id,
    ...(code.expire !== undefined && { expire: code.expire }),
    signalIn: code.signalIn,
  };
  draft.effects.push({
    kind: "send",
    message: {
      key: keyOf({ generation: record.generation, path }, "entry", code.entries),
      topic: code.taskQueue,
      kind: "work",
      job: record.id,
      generation: record.generation,
      path,
      body,
      visibleAt: null,
      attempt: 0,
      policy: code.policy,
      codeRetries: [],
      workflow: code.workflowName,
      trace: traceOf(draft),
    },
  });
  draft.open.set(path, { ...pass, code: { ...code, entries: code.entries + 1, running: true } });
}
