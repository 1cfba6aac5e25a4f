import type { Commit, HotMeshError, InboundMessage, OutgoingMessage, Program, Snapshot, Verdict } from "@hotmesh/core";
import type { MessageFlow } from "./engine-options.js";
import { staleError } from "./stale-error.js";

/** One message that a step has decided. */
export interface Handled {
  /** A word of the `type` that messages have in their stream. */
  readonly type: string;
  /** False: a caller brought it. */
  readonly isMessage: boolean;
  readonly code: number;
}

/** The program of one step, which remembers what it was about. */
export interface WatchedProgram extends Program {
  /** What the last commit was about; to be asked once the step has ended. */
  handled(): readonly Handled[];
  /** The stored messages of the last commit; to be asked once the step has ended. */
  flows(): readonly MessageFlow[];
  /** The messages of the last commit that changed nothing, and why; to be asked once the step has ended. */
  stale(): readonly { readonly message: InboundMessage; readonly error: HotMeshError }[];
}

export function watched(program: Program): WatchedProgram {
  let decided: readonly InboundMessage[] = [];
  let verdicts: readonly Verdict[] = [];
  let sends: Commit["sends"] = [];
  let jobs: Snapshot["jobs"] = new Map();
  let writes: Commit["jobs"] = [];
  /** Jobs of the last commit, as it left them. */
  const left = (): Snapshot["jobs"] => new Map([...jobs, ...writes.map(({ record }) => [record.id, record] as const)]);
  return {
    reads: (messages) => program.reads(messages),
    decide: (messages, snapshot) => {
      const answer = program.decide(messages, snapshot);
      if ("verdicts" in answer) {
        decided = messages;
        verdicts = answer.verdicts;
        sends = answer.sends;
        jobs = snapshot.jobs;
        writes = answer.jobs;
      }
      return answer;
    },
    handled: () =>
      decided.map((message, position) => ({
        type: typeOf(message),
        isMessage: message.source !== "event",
        code: codeOf(verdicts[position]),
      })),
    flows: () => [
      ...decided.filter(({ source }) => source !== "event").map((message) => flow("in", message)),
      ...sends.map((message) => flow("out", message)),
    ],
    stale: () => {
      const records = left();
      return decided.flatMap((message, position) => {
        const verdict = verdicts[position];
        const job = message.job === null ? null : (records.get(message.job) ?? null);
        const error = verdict === undefined ? null : staleError(message, verdict, job);
        return error === null ? [] : [{ message, error }];
      });
    },
  };
}

function flow(direction: MessageFlow["direction"], message: InboundMessage | OutgoingMessage): MessageFlow {
  return { direction, type: typeOf({ request: null, ...message }), message };
}

const types: Readonly<Record<string, string>> = {
  work: "worker",
  start: "await",
  request: "await",
  resume: "transition",
  wake: "timehook",
  signal: "webhook",
  match: "signal",
  broadcast: "signal",
  interrupt: "interrupt",
};

function typeOf({ kind, request }: Pick<InboundMessage, "kind" | "request">): string {
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
