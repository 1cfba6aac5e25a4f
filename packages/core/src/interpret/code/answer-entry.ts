import type { Address, PathText } from "../../brand.js";
import type { EntryAnswer, OperationRequest, RecordedError } from "../../code/protocol.js";
import type { DecisionVerdict } from "../../job/decision.js";
import type { CompleteEvent, SignalEvent, WakeEvent } from "../../job/event.js";
import { failureOf } from "../../job/failure.js";
import { pathOf } from "../../job/path.js";
import type { Json } from "../../json.js";
import type { Draft } from "../draft.js";
import { entryAnswerOf } from "./answer-codec.js";
import { nextSequence, recordedError } from "./answer-operation.js";
import { cancelledError, isCancelled } from "./cancel.js";
import { carryOut, isEffect } from "./carry-out.js";
import { continueAsNew, failFunction, returnFromFunction } from "./end-function.js";
import { askForEntry, type CodePass, codePass, turnAddress } from "./entry.js";
import { isWaiting, openOperation, type Place } from "./open-operation.js";
import { type Ended, type OperationOutcome, writeRecord } from "./record.js";
import { applyStored } from "./stored-operation.js";

/** What a worker found when it entered a function. Null: applied. */
export function answerEntry(
  draft: Draft,
  pass: CodePass,
  event: CompleteEvent | SignalEvent | WakeEvent,
): DecisionVerdict | null {
  if (event.kind !== "complete" || !pass.code.running) return { outcome: "stale", reason: "closed" };
  const { status, code, data } = event.body;
  const { path } = event;
  if (status === "error") {
    failFunction(draft, path, exhausted(data, code));
    return null;
  }
  const answer = entryAnswerOf(data);
  if (answer === null) {
    const message = `the worker of ${pass.code.taskQueue} answered what no entry of a function can come to`;
    failFunction(draft, path, { message, code: 598 });
    return null;
  }
  if (!pass.code.entered) writeTurn(draft, pass, event);
  draft.open.set(path, {
    ...pass,
    code: {
      ...pass.code,
      running: false,
      entered: true,
      patches: [...new Set([...pass.code.patches, ...(answer.patches ?? [])])],
    },
  });
  const place: Place = { of: path, at: turnAddress(pass) };
  let isRefused = false;
  for (const request of answer.requests) if (!take(draft, place, request)) isRefused = true;
  // The function went on as if an effect had happened that could not be carried out: it has to learn of that.
  conclude(draft, path, isRefused ? { ...answer, seen: -1, end: undefined } : answer);
  return null;
}

interface Ending {
  readonly end?: EntryAnswer["end"] | undefined;
}

/** The row that keeps the arguments of a turn: they were in the body of the message that is answered. */
function writeTurn(draft: Draft, pass: CodePass, event: CompleteEvent): void {
  const { id, generation } = draft.record;
  const at: Address = turnAddress(pass);
  const path = pathOf(pass.activity, at);
  draft.writePass(
    {
      job: id,
      generation,
      activity: pass.activity,
      address: at,
      type: "code",
      topic: pass.topic,
      open: false,
      output: null,
      hook: null,
      metadata: { aid: pass.activity, atp: "code", dad: at },
      input: draft.passes.get(path)?.input ?? null,
      startedAt: pass.enteredAt,
      completedAt: draft.moment.now,
    },
    event.request,
  );
}

function conclude(draft: Draft, path: PathText, { end, seen }: Pick<EntryAnswer, "seen"> & Ending): void {
  const pass = codePass(draft, path);
  // The function has ended its own job.
  if (pass === null || draft.phase === "interrupted") return;
  switch (end?.kind) {
    case "returned":
      returnFromFunction(draft, path, end.value);
      break;
    case "failed":
      failFunction(draft, path, end.error);
      break;
    case "continued":
      continueAsNew(draft, path, end.arguments);
      break;
    case undefined:
      // What came meanwhile has not been seen.
      if (pass.code.outcomes > seen) askForEntry(draft, pass);
  }
}

/** The budget of a function is exhausted: whatever it threw, that is what the code says. */
function exhausted(data: Json, code: number): RecordedError {
  const isOwn = code === 999 || (code >= 596 && code <= 598);
  return { ...recordedError(data, code), code: isOwn ? code : 597 };
}

/** False: an effect that the function did not wait for could not be carried out. */
function take(draft: Draft, place: Place, request: OperationRequest): boolean {
  const { kind, n, name, hash, input } = request;
  const end = (how: Pick<Ended, "outcome" | "seq" | "place">): void =>
    writeRecord(draft, place, {
      ...{ kind, n, name, hash, startedAt: draft.moment.now },
      ...how,
      ...(input !== undefined && { input }),
    });
  if ("cancelled" in request) {
    end({ outcome: { error: cancelledError }, seq: 0 });
  } else if (isEffect(request)) {
    const outcome = attempt(() => {
      carryOut(draft, place, request);
      return { data: request.value };
    });
    end({ outcome, seq: 0 });
    return !("error" in outcome);
  } else if (isWaiting(request)) {
    const outcome = attempt(() => {
      if (isCancelled(draft) && request.shielded !== true) return { error: cancelledError };
      openOperation(draft, place, request);
      return null;
    });
    if (outcome !== null) end({ outcome, seq: nextSequence(draft, place.of) ?? 0 });
  } else {
    const outcome = attempt(() => applyStored(draft, request));
    end({ outcome, seq: nextSequence(draft, place.of) ?? 0, place: request.place });
  }
  return true;
}

/** What cannot be done is the error of the one operation that asked for it. */
function attempt<Outcome>(run: () => Outcome): Outcome | OperationOutcome {
  try {
    return run();
  } catch (thrown) {
    const { message, code } = failureOf(thrown);
    return { error: { message, code } };
  }
}
