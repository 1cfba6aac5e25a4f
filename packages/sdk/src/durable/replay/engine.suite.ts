import type { EntryAnswer, EntryBody, Json, OperationRecord, OperationRequest, RecordedError } from "@hotmesh/core";
import { enterFunction } from "./enter-function.js";
import type { EnterOptions, WorkflowFunction } from "./enter-options.js";
import { isEffect, placeKey, type RecordedOperation } from "./history.js";

/** An operation that is open, and what ends it. */
export interface Open {
  readonly n: number;
  readonly kind: OperationRequest["kind"];
  readonly name: string;
  readonly hash: string;
  readonly request: OperationRequest;
}

type End = EntryAnswer["end"];
type Outcome = { readonly data?: Json } | { readonly $error: RecordedError };
type Options = Partial<Omit<EnterOptions, "body" | "records">> & { readonly body?: Partial<EntryBody> };

const stamps = { ac: "20260101000000.000", au: "20260101000000.000" };

/** Plays the engine, for one job: it keeps what is recorded and open, and enters the function. */
export class Engine {
  readonly #records = new Map<string, RecordedOperation>();
  readonly open: Open[] = [];
  /** What was carried out, each thing as often as it was. */
  readonly effects: OperationRequest[] = [];
  readonly patches: string[] = [];
  readonly warnings: string[] = [];
  readonly answers: EntryAnswer[] = [];
  cancelled = false;
  turn = 0;
  given: readonly Json[];
  #fn: WorkflowFunction;
  readonly #options: Options;
  #outcomes = 0;

  constructor(fn: WorkflowFunction, options: Options = {}) {
    this.#fn = fn;
    this.#options = options;
    this.given = options.arguments ?? [];
  }

  /** The function's code is replaced. */
  deploy(fn: WorkflowFunction): void {
    this.#fn = fn;
  }

  /** What is recorded, in the order of first recording. */
  get records(): readonly RecordedOperation[] {
    return [...this.#records.values()];
  }

  /** How many entries were answered. */
  get entries(): number {
    return this.answers.length;
  }

  /** Enters the function once, and stores what it answers. */
  async enter(): Promise<End> {
    const { body, ...options } = this.#options;
    const answer = await enterFunction({
      jobId: "order-1",
      generation: "G1",
      namespace: "durable",
      warn: (message) => this.warnings.push(message),
      ...options,
      fn: this.#fn,
      arguments: this.given,
      records: this.records,
      body: {
        workflowName: "order",
        taskQueue: "orders",
        at: `,0,0,${this.turn}`,
        dimension: "",
        turn: this.turn,
        open: this.open.map(({ n, kind, name }) => ({ n, kind, name })),
        recorded: this.#outcomes,
        cancelled: this.cancelled,
        patches: [...this.patches],
        policy: null,
        originJobId: "order-1",
        signalIn: true,
        ...body,
      },
    });
    // It travels as JSON.
    return this.#store(JSON.parse(JSON.stringify(answer)));
  }

  /** Something is recorded in another way. */
  place(recorded: RecordedOperation): void {
    this.#records.set(placeKey(recorded.kind, recorded.n, recorded.place), recorded);
  }

  /** Ends an open operation. */
  settle(name: string, outcome: Outcome = {}): void {
    const index = this.open.findIndex((open) => open.name === name);
    const [open] = index < 0 ? [] : this.open.splice(index, 1);
    if (open === undefined) throw new Error(`${name} is not open`);
    this.#record(open, outcome, this.#next());
  }

  /** Asks the function to stop, and ends what it waits for. */
  cancel(): void {
    this.cancelled = true;
    const isLeft = ({ kind, request }: Open): boolean => kind === "proxy" || request.shielded === true;
    for (const open of this.open.filter((each) => !isLeft(each))) this.settle(open.name, { $error: cancelled });
  }

  /** Enters until the function has ended; what is open then is ended by `outcome`, one at a time, in its order. */
  async run(outcome: (open: Open) => Outcome = () => ({})): Promise<End> {
    for (;;) {
      const end = await this.enter();
      if (end !== undefined && end.kind !== "continued") return end;
      const [open] = this.open;
      if (open !== undefined) this.settle(open.name, outcome(open));
      else if (end === undefined && this.#isIdle()) throw new Error("it waits for nothing");
    }
  }

  #isIdle(): boolean {
    return this.#outcomes <= (this.answers.at(-1)?.seen ?? 0);
  }

  #store(answer: EntryAnswer): End {
    this.answers.push(answer);
    this.patches.push(...(answer.patches ?? []));
    for (const request of answer.requests) this.#take(request);
    if (answer.end?.kind === "continued") {
      this.#records.clear();
      this.open.length = 0;
      this.patches.length = 0;
      this.#outcomes = 0;
      this.turn += 1;
      this.given = answer.end.arguments;
    }
    return answer.end;
  }

  #take(request: OperationRequest): void {
    const { kind } = request;
    if ("cancelled" in request) {
      this.#record(request, { $error: cancelled }, 0);
    } else if (isEffect(kind)) {
      this.effects.push(request);
      this.#record(request, "value" in request ? { data: request.value } : {}, 0);
    } else if (request.kind === "search" || request.kind === "entity") {
      this.effects.push(request);
      this.#record(request, { data: request.arguments[0] ?? null }, this.#next(), request.place);
    } else {
      this.open.push({ n: request.n, kind, name: request.name, hash: request.hash, request });
    }
  }

  #next(): number {
    this.#outcomes += 1;
    return this.#outcomes;
  }

  #record(
    of: Pick<Open, "n" | "kind" | "name" | "hash">,
    outcome: Outcome,
    ...at: [seq: number, place?: number]
  ): void {
    const [seq, place] = at;
    const record: OperationRecord = { name: of.name, hash: of.hash, seq, ...outcome, ...stamps };
    this.place({ kind: of.kind, n: of.n, ...(place !== undefined && { place }), record });
  }
}

const cancelled: RecordedError = { name: "CancelledFailure", message: "Workflow cancelled", code: 598 };

/** A settled function. */
export const returned = (value?: Json) => ({ kind: "returned", ...(value !== undefined && { value }) }) as const;
