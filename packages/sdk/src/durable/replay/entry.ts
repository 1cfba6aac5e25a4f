import {
  type CancelledRequest,
  type EntryBody,
  HotMeshError,
  type Json,
  type OperationKind,
  type OperationRecord,
  type OperationRequest,
} from "@hotmesh/core";
import { CancelledFailure } from "../errors.js";
import type { EnterOptions } from "./enter-options.js";
import { type AskedOperation, type Found, History, placeKey } from "./history.js";
import { hashOf } from "./plain-json.js";
import { errorOf, isCancelledRecord, never } from "./recorded-error.js";

/** How the entry of a function ended. */
export type Ending =
  | { readonly kind: "blocked" }
  | { readonly kind: "returned"; readonly value: Json | undefined }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "continued"; readonly arguments: readonly Json[] }
  /** It could not be carried on: whatever the function would still do does not count. */
  | { readonly kind: "failed"; readonly error: unknown };

/** An operation, as the functions of `workflow` ask for it. */
export interface Asked {
  readonly kind: OperationKind;
  /** Compared on replay. */
  readonly name: string;
  /** Their hash is compared on replay. */
  readonly arguments: Json;
  readonly n: number;
  readonly place?: number;
  readonly isShielded?: boolean;
  /** True of a record that does not count: the operation is asked for anew. */
  readonly isStale?: (record: OperationRecord) => boolean;
}

/** What every request says of itself. */
export interface Common {
  readonly n: number;
  readonly name: string;
  readonly hash: string;
  readonly shielded?: boolean;
  readonly input: Json;
}

type Waiter = (record: OperationRecord) => void;
type Cancellable = CancelledRequest["kind"];

const cancellable: ReadonlySet<OperationKind> = new Set(["proxy", "sleep", "wait", "child", "start"] as const);

/** One entry of a function: it runs from the top, what is recorded is given to it again, the rest is asked for. */
export class Entry {
  readonly options: EnterOptions;
  readonly history: History;
  /** What is asked for and not recorded yet, in the order it was asked for. */
  readonly requests: OperationRequest[] = [];
  /** Whether patches are marked; by their names. */
  readonly patches: Map<string, boolean>;
  readonly #waiters = new Map<string, Waiter>();
  #counter = 0;
  #fresh = 0;
  #ending: Ending | null = null;
  #bell: () => void = () => {};

  constructor(options: EnterOptions) {
    this.options = options;
    this.history = new History(options.records, options.body.open);
    this.patches = new Map(options.body.patches.map((name) => [name, true]));
  }

  /** The message that asked for this entry. */
  get body(): EntryBody {
    return this.options.body;
  }

  /** The last value of the counter that was taken. */
  get counter(): number {
    return this.#counter;
  }

  /** How it ended; null: it goes on. */
  get ending(): Ending | null {
    return this.#ending;
  }

  /** Nothing that the function does counts any more. */
  get isOver(): boolean {
    return this.#ending !== null;
  }

  /** True when there are requests that no earlier entry has made. */
  get hasFreshRequests(): boolean {
    return this.#fresh > 0;
  }

  /** True when the function waits for operations. */
  get isWaiting(): boolean {
    return this.#waiters.size > 0;
  }

  /** True when what follows has been gone through before. */
  get isReplay(): boolean {
    return this.history.isBeyond(this.#counter);
  }

  /** Takes values of the counter, and gives the first of them. */
  take(count = 1): number {
    const first = this.#counter + 1;
    this.#counter += count;
    return first;
  }

  /** Ends the entry; only the first end counts. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#bell();
  }

  /** Resolves with what is recorded of an operation as soon as its outcome is due, else notes the request. */
  async ask(asked: Asked, request: (common: Common) => OperationRequest): Promise<OperationRecord> {
    if (this.isOver) return never();
    const found = this.#find(asked);
    if (found === null) return never();
    if (found.at === "record" && found.record.seq === 0) return found.record;
    if (found.at === "nowhere") {
      const common = commonOf(asked);
      if (this.body.cancelled && asked.isShielded !== true && isCancellable(asked.kind)) {
        this.#note({ ...common, kind: asked.kind, cancelled: true });
        throw new CancelledFailure();
      }
      this.#note(request(common));
    }
    return new Promise((resolve) => {
      this.#waiters.set(placeKey(asked.kind, asked.n, asked.place), resolve);
      this.#bell();
    });
  }

  /**
   * Notes what the function does not wait for, and gives the value it goes on with. Throws what is recorded as its
   * failure. `repeats`: it is done in every entry.
   */
  async effect(
    asked: Asked,
    request: (common: Common) => OperationRequest,
    { value, repeats = false }: { readonly value: Json; readonly repeats?: boolean },
  ): Promise<Json> {
    if (this.isOver) return never();
    const found = this.#find(asked);
    if (found === null) return never();
    if (found.at !== "record") {
      this.#note(request(commonOf(asked)));
      return value;
    }
    const { data, $error } = found.record;
    if ($error !== undefined) throw errorOf($error);
    if (repeats) this.requests.push(request(commonOf(asked)));
    return data ?? value;
  }

  /** Gives the function the next outcome, when it waits for it. */
  deliver(): boolean {
    const next = this.history.next();
    if (next === null) return false;
    const key = placeKey(next.kind, next.n, next.place);
    const waiter = this.#waiters.get(key);
    if (waiter === undefined) return false;
    this.#waiters.delete(key);
    this.history.advance();
    waiter(next.record);
    return true;
  }

  /** Leaves out the next outcome, which the function does not ask for. */
  skip(): void {
    this.history.advance();
    this.#bell();
  }

  /** Resolves when the function asks for something or has ended. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#bell = resolve;
    });
  }

  /** Null: the entry has come to its end, because the code asks for something else than is recorded. */
  #find(asked: Asked): Found | null {
    const check = this.options.replayCheck ?? "names";
    const found = this.history.find(asked, check !== "off");
    if (found.at === "elsewhere") {
      const recorded = `${found.kind}${named(found.name)}`;
      this.#stray(asked, `the history has ${recorded}, the code asks for ${asked.kind}${named(asked.name)}`);
      return null;
    }
    if (found.at !== "record") return found;
    if (isStale(asked, found.record)) {
      this.history.forget(found.record);
      return { at: "nowhere" };
    }
    if (check === "off" || found.record.hash === hashOf(asked.arguments)) return found;
    const what = `${asked.kind}${named(asked.name)} was recorded with other arguments than it is asked for with now`;
    if (check === "strict") {
      this.#stray(asked, what);
      return null;
    }
    this.options.warn?.(`${this.#position(asked)}: ${what}`);
    return found;
  }

  #stray(asked: Asked, difference: string): void {
    const advice = "restore the code, or guard the change with patched()";
    this.end({
      kind: "failed",
      error: new HotMeshError("replay-mismatch", `${this.#position(asked)}: ${difference}; ${advice}`),
    });
  }

  #position({ n, place }: Pick<Asked, "n" | "place">): string {
    const { jobId, body } = this.options;
    const where = `position ${n}${place === undefined ? "" : `, call ${place}`}`;
    return `${where} of function ${body.workflowName}${body.dimension} in job ${jobId}`;
  }

  /** What is to be said when the code does not come to ask for what is recorded. */
  unasked(): HotMeshError | null {
    const next: AskedOperation | null = this.#nextAsked();
    if (next === null) return null;
    const what = `the history has the outcome of ${next.kind}${named(next.name)}, the code does not come to ask for it`;
    return new HotMeshError("replay-mismatch", `${this.#position(next)}: ${what}`);
  }

  #nextAsked(): AskedOperation | null {
    const next = this.history.next();
    return next === null ? null : { ...next, name: next.record.name };
  }

  #note(request: OperationRequest): void {
    this.#fresh += 1;
    this.requests.push(request);
  }
}

function isStale({ isStale: test }: Asked, record: OperationRecord): boolean {
  return record.$error !== undefined && !isCancelledRecord(record.$error) && test?.(record) === true;
}

function isCancellable(kind: OperationKind): kind is Cancellable {
  return cancellable.has(kind);
}

function commonOf({ n, name, arguments: given, isShielded = false }: Asked): Common {
  return { n, name, hash: hashOf(given), input: given, ...(isShielded && { shielded: true }) };
}

function named(name: string): string {
  return name === "" ? "" : ` "${name}"`;
}
