import type { EntryBody, OperationKind, OperationRecord, PassRecord } from "@hotmesh/core";

/** What is recorded of one operation of a function. */
export interface RecordedOperation {
  readonly kind: OperationKind;
  /** The value of the function's counter. */
  readonly n: number;
  /** Of a stored operation: which call on the object it is. */
  readonly place?: number;
  readonly record: OperationRecord;
}

/** The operation that the code of a function asks for. */
export interface AskedOperation {
  readonly kind: OperationKind;
  readonly n: number;
  readonly place?: number;
  readonly name: string;
}

/** What the history has where an operation is asked for. */
export type Found =
  | { readonly at: "record"; readonly record: OperationRecord }
  /** It was asked for and has no outcome. */
  | { readonly at: "open" }
  | { readonly at: "nowhere" }
  /** Something else stands there. */
  | { readonly at: "elsewhere"; readonly kind: string; readonly name: string };

const kinds: ReadonlySet<string> = new Set<OperationKind>([
  "proxy",
  "sleep",
  "wait",
  "child",
  "start",
  "search",
  "entity",
  "signal",
  "hook",
  "emit",
  "trace",
  "interrupt",
  "enrich",
]);

const effects: ReadonlySet<OperationKind> = new Set([
  "signal",
  "hook",
  "emit",
  "trace",
  "interrupt",
  "enrich",
] as const);

/** True where the function does not wait for an operation. */
export function isEffect(kind: OperationKind): boolean {
  return effects.has(kind);
}

/** The records of a function among the passes at and below the address of its turn. */
export function recordsOf(passes: readonly PassRecord[], at: string): readonly RecordedOperation[] {
  return passes.flatMap(({ activity, address, output }) => {
    if (!isKind(activity) || !address.startsWith(`${at},`) || !isRecord(output)) return [];
    const [n, place, ...deeper] = address
      .slice(at.length + 1)
      .split(",")
      .map(Number);
    if (n === undefined || !Number.isSafeInteger(n) || deeper.length > 0) return [];
    return [{ kind: activity, n, ...(place !== undefined && { place }), record: output }];
  });
}

function isKind(text: string): text is OperationKind {
  return kinds.has(text);
}

function isRecord(output: unknown): output is OperationRecord {
  return typeof output === "object" && output !== null && "seq" in output && "name" in output;
}

/** Where an operation stands among those of its function. */
export function placeKey(kind: OperationKind, n: number, place: number | undefined): string {
  return `${kind},${n},${place ?? ""}`;
}

/** Everything that is known of a function when it is entered. */
export class History {
  /** Outcomes that the function waits for, in the order in which they reach it. */
  readonly #outcomes: readonly RecordedOperation[];
  readonly #records = new Map<string, RecordedOperation>();
  /** One for each kind of operation at a position. */
  readonly #kindsAt = new Map<number, RecordedOperation[]>();
  readonly #open = new Map<number, EntryBody["open"][number]>();
  readonly #forgotten = new Set<OperationRecord>();
  readonly #last: number;
  #delivered = 0;

  /** How many records there are. */
  readonly length: number;
  /** The place of the last outcome. */
  readonly seen: number;

  constructor(records: readonly RecordedOperation[], open: EntryBody["open"]) {
    for (const record of records) {
      const { kind, n, place } = record;
      this.#records.set(placeKey(kind, n, place), record);
      const there = this.#kindsAt.get(n);
      if (there === undefined) this.#kindsAt.set(n, [record]);
      else if (!there.some((other) => isAlike(other, record))) there.push(record);
    }
    for (const operation of open) this.#open.set(operation.n, operation);
    this.#outcomes = records
      .filter(({ kind, record }) => record.seq > 0 && !isEffect(kind))
      .sort((one, other) => one.record.seq - other.record.seq);
    this.length = records.length;
    this.seen = records.reduce((seen, { record }) => Math.max(seen, record.seq), 0);
    this.#last = [...this.#kindsAt.keys(), ...this.#open.keys()].reduce((last, n) => Math.max(last, n), 0);
  }

  /** True when something is recorded, or open, beyond the position. */
  isBeyond(n: number): boolean {
    return this.#last > n;
  }

  /** A record at a position, whatever it is. */
  recordAt(n: number): RecordedOperation | undefined {
    return this.#kindsAt.get(n)?.[0];
  }

  /** What stands where an operation is asked for. `byName`: whether something else that stands there counts. */
  find(asked: AskedOperation, byName: boolean): Found {
    const other = this.#kindsAt.get(asked.n)?.find((there) => !isAlike(there, asked));
    if (other !== undefined) {
      if (byName) return { at: "elsewhere", kind: other.kind, name: other.record.name };
      this.#forgetOthers(asked);
    }
    const record = this.#records.get(placeKey(asked.kind, asked.n, asked.place))?.record;
    if (record !== undefined && !this.#forgotten.has(record)) {
      const isOther = byName && record.name !== asked.name;
      return isOther ? { at: "elsewhere", kind: asked.kind, name: record.name } : { at: "record", record };
    }
    const open = this.#open.get(asked.n);
    if (open === undefined) return { at: "nowhere" };
    if (open.kind === asked.kind && (!byName || open.name === asked.name)) return { at: "open" };
    return byName ? { at: "elsewhere", kind: open.kind, name: open.name } : { at: "nowhere" };
  }

  /** The operation at a position is asked for anew. */
  forget(record: OperationRecord): void {
    this.#forgotten.add(record);
  }

  /** The next outcome that the function is to get; null: it has them all. */
  next(): RecordedOperation | null {
    for (;;) {
      const next = this.#outcomes[this.#delivered];
      if (next === undefined) return null;
      if (!this.#forgotten.has(next.record)) return next;
      this.#delivered += 1;
    }
  }

  /** The next outcome has been dealt with. */
  advance(): void {
    this.#delivered += 1;
  }

  /** Nobody asks any more for what stands at the position of an operation and is not like it. */
  #forgetOthers(asked: AskedOperation): void {
    for (const there of this.#outcomes) if (there.n === asked.n && !isAlike(there, asked)) this.forget(there.record);
  }
}

type Placed = Pick<AskedOperation, "kind" | "n" | "place">;

/** Calls on one object, or operations of one kind. */
function isAlike(one: Placed, other: Placed): boolean {
  return one.kind === other.kind && (one.place === undefined) === (other.place === undefined);
}
