import type { EntryBody } from "@hotmesh/core";
import { enterFunction, workflowFunctions } from "../../durable/replay/index.js";
import { Errors } from "../../index.js";
import type { ErrorCase } from "./error-case.js";

const { CancelledFailure, DurableFatalError, DurableMaxedError, DurableRetryError, DurableTimeoutError } = Errors;

const body: EntryBody = {
  workflowName: "order",
  taskQueue: "orders",
  at: ",0,0,0",
  dimension: "",
  turn: 0,
  open: [{ n: 1, kind: "sleep", name: "" }],
  recorded: 0,
  cancelled: false,
  patches: [],
  policy: null,
  originJobId: "order-1",
  signalIn: true,
};

/** Enters code that waits for a signal where the function was asleep. */
const astray = () =>
  enterFunction({
    body,
    records: [],
    fn: () => workflowFunctions.condition("paid"),
    arguments: [],
    jobId: "order-1",
    generation: "G1",
    namespace: "durable",
  });

const thrown: readonly ErrorCase[] = [
  {
    name: "a function of workflow outside of workflow functions",
    kind: "no-workflow",
    message:
      "sleep is to be called inside a workflow function, a hook function, or an interceptor of these; " +
      "none runs around this call",
    provoke: () => workflowFunctions.sleep("1s"),
  },
  {
    name: "code that does not fit what is recorded",
    kind: "replay-mismatch",
    message:
      "position 1 of function order in job order-1: the history has sleep, the code asks for " +
      'wait "paid"; restore the code, or guard the change with patched()',
    provoke: astray,
  },
];

/** What functions throw, and what their operations fail with. */
const classes: readonly ErrorCase[] = [
  {
    name: "DurableFatalError is exported",
    type: DurableFatalError,
    kind: "durable-fatal",
    message: "refused",
    fields: { stack: "Error: refused\n    at card" },
    provoke: () => new DurableFatalError("refused", "Error: refused\n    at card"),
  },
  {
    name: "DurableMaxedError is exported",
    type: DurableMaxedError,
    kind: "durable-maxed",
    message: "refused again",
    provoke: () => new DurableMaxedError("refused again"),
  },
  {
    name: "DurableTimeoutError is exported",
    type: DurableTimeoutError,
    kind: "durable-timeout",
    message: "too late",
    provoke: () => new DurableTimeoutError("too late"),
  },
  {
    name: "DurableRetryError is exported",
    type: DurableRetryError,
    kind: "durable-retry",
    message: "again",
    provoke: () => new DurableRetryError("again"),
  },
  {
    name: "CancelledFailure is exported",
    type: CancelledFailure,
    kind: "cancelled",
    message: "Workflow cancelled",
    provoke: () => new CancelledFailure(),
  },
];

/** Classes that are there for code that looks for them. */
const unthrown: readonly ErrorCase[] = (
  [
    [Errors.DurableWaitForError, 595, "the function waits for a signal"],
    [Errors.DurableContinueAsNewError, 592, "the function continues as new"],
    [Errors.DurableProxyError, 591, "the function waits for an activity"],
    [Errors.DurableChildError, 590, "the function waits for a child"],
    [Errors.DurableWaitForAllError, 589, "the function waits for several operations"],
    [Errors.DurableSleepError, 588, "the function sleeps"],
  ] as const
).map(([type, code, message]) => ({
  name: `${type.name} is exported`,
  type,
  kind: "interruption",
  code,
  message,
  provoke: () => new type(),
}));

export const functionCases: readonly ErrorCase[] = [...thrown, ...classes, ...unthrown];
