import type { InboundMessage, Program, Verdict } from "@hotmesh/core";

/** One message that a step has decided. */
export interface Handled {
  /** A word of the `type` of messages, runtime.md 4.1. */
  readonly type: string;
  /** False: a caller brought it. */
  readonly isMessage: boolean;
  readonly code: number;
}

/** The program of one step, which remembers what it was about. */
export interface WatchedProgram extends Program {
  /** What the last commit was about; to be asked once the step has ended. */
  handled(): readonly Handled[];
}

export function watched(program: Program): WatchedProgram {
  let decided: readonly InboundMessage[] = [];
  let verdicts: readonly Verdict[] = [];
  return {
    reads: (messages) => program.reads(messages),
    decide: (messages, snapshot) => {
      const answer = program.decide(messages, snapshot);
      if ("verdicts" in answer) {
        decided = messages;
        verdicts = answer.verdicts;
      }
      return answer;
    },
    handled: () =>
      decided.map((message, position) => ({
        type: typeOf(message),
        isMessage: message.source !== "event",
        code: codeOf(verdicts[position]),
      })),
  };
}

const types: Readonly<Record<string, string>> = {
  start: "await",
  request: "await",
  resume: "transition",
  wake: "timehook",
  signal: "webhook",
  match: "signal",
  broadcast: "signal",
  interrupt: "interrupt",
};

function typeOf({ kind, request }: InboundMessage): string {
  if (kind === "complete") return request === null ? "result" : "response";
  return types[kind] ?? kind;
}

/** What came too late, or a second time, counts as a conflict. */
function codeOf(verdict: Verdict | undefined): number {
  if (verdict === undefined) return 500;
  switch (verdict.outcome) {
    case "applied":
      return 200;
    case "duplicate":
    case "stale":
      return 409;
    case "rejected":
      return verdict.failure.code;
  }
}
