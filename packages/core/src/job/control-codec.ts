import type { Address, Instant, JobId, PathText } from "../brand.js";
import type { Json } from "../json.js";
import type { Arrival, CodeState, Control, JoinState, OpenPass, OperationState } from "./control.js";

/** The stored form: parts that are empty are left out, so that a finished job carries next to nothing. */
type StoredControl = {
  readonly app: string;
  readonly trigger: string;
  readonly slice: string;
  readonly persistent?: Json;
  /** The view of the jobs reads it. */
  readonly parent?: string;
  readonly numericId?: true;
  readonly open?: { readonly [path: string]: StoredPass };
  readonly queue?: readonly StoredArrival[];
  readonly counters?: { readonly [name: string]: number };
  readonly lineages?: { readonly [path: string]: readonly string[] };
  readonly joins?: { readonly [name: string]: StoredJoin };
  readonly exotic?: true;
  readonly resumes?: number;
  readonly told?: number;
  readonly unsampled?: true;
  readonly pivots?: { readonly [name: string]: string };
  readonly answered?: true;
};

type StoredPass = {
  readonly activity: string;
  readonly address: string;
  readonly via: readonly string[];
  readonly waits: OpenPass["waits"];
  readonly enteredAt: number;
  readonly passes?: number;
  readonly handled?: readonly string[];
  readonly child?: string;
  readonly topic?: string;
  readonly escalation?: string;
  readonly l1s?: string;
  readonly span?: string;
  readonly code?: CodeState;
  readonly operation?: OperationState;
};

type StoredArrival = {
  readonly to: string;
  readonly from: string;
  readonly base: string;
  readonly via: readonly string[];
  readonly at: string | null;
  readonly span?: string;
};

type StoredJoin = {
  readonly activity: string;
  readonly fork: string;
  readonly entered: boolean;
  readonly arrived: readonly { readonly from: string; readonly via: readonly string[]; readonly span?: string }[];
};

/** What a job's record keeps of its bookkeeping. */
export function encodeControl(control: Control): Json {
  const stored: StoredControl = {
    app: control.app,
    trigger: control.trigger,
    slice: control.slice,
    ...(control.persistent !== null && { persistent: control.persistent }),
    ...(control.parentId !== null && { parent: control.parentId }),
    ...(control.numericId && { numericId: true }),
    ...(control.open.size > 0 && { open: Object.fromEntries([...control.open].map(([k, v]) => [k, encodePass(v)])) }),
    ...(control.queue.length > 0 && { queue: control.queue.map((arrival) => ({ ...arrival })) }),
    ...(control.counters.size > 0 && { counters: Object.fromEntries(control.counters) }),
    ...(control.lineages.size > 0 && { lineages: Object.fromEntries(control.lineages) }),
    ...(control.joins.size > 0 && {
      joins: Object.fromEntries(
        [...control.joins].map(([k, v]) => [k, { ...v, arrived: v.arrived.map((a) => ({ ...a })) }]),
      ),
    }),
    ...(control.exotic && { exotic: true }),
    ...(control.resumes > 0 && { resumes: control.resumes }),
    ...(control.told > 0 && { told: control.told }),
    ...(!control.isSampled && { unsampled: true }),
    ...(control.pivots.size > 0 && { pivots: Object.fromEntries(control.pivots) }),
    ...(control.answered && { answered: true }),
  };
  return stored;
}

/** The bookkeeping of a job, from what its record keeps. */
export function decodeControl(json: Json): Control {
  const stored = json as StoredControl;
  return {
    app: stored.app,
    trigger: stored.trigger,
    slice: stored.slice,
    persistent: stored.persistent ?? null,
    parentId: stored.parent ?? null,
    numericId: stored.numericId ?? false,
    open: new Map(Object.entries(stored.open ?? {}).map(([k, v]) => [k as PathText, decodePass(v)])),
    queue: (stored.queue ?? []) as unknown as readonly Arrival[],
    counters: new Map(Object.entries(stored.counters ?? {})),
    lineages: new Map(Object.entries(stored.lineages ?? {}).map(([path, via]) => [path as PathText, via])),
    joins: new Map(Object.entries(stored.joins ?? {}) as unknown as [string, JoinState][]),
    exotic: stored.exotic ?? false,
    resumes: stored.resumes ?? 0,
    told: stored.told ?? 0,
    isSampled: stored.unsampled !== true,
    pivots: new Map(Object.entries(stored.pivots ?? {})),
    answered: stored.answered ?? false,
  };
}

function encodePass(pass: OpenPass): StoredPass {
  return {
    activity: pass.activity,
    address: pass.address,
    via: pass.via,
    waits: pass.waits,
    enteredAt: pass.enteredAt,
    ...(pass.passes > 0 && { passes: pass.passes }),
    ...(pass.handled.length > 0 && { handled: pass.handled }),
    ...(pass.child !== null && { child: pass.child }),
    ...(pass.topic !== null && { topic: pass.topic }),
    ...(pass.escalation !== null && { escalation: pass.escalation }),
    ...(pass.l1s !== undefined && { l1s: pass.l1s }),
    ...(pass.span !== undefined && { span: pass.span }),
    ...(pass.code !== undefined && { code: pass.code }),
    ...(pass.operation !== undefined && { operation: pass.operation }),
  };
}

function decodePass(stored: StoredPass): OpenPass {
  return {
    activity: stored.activity,
    address: stored.address as Address,
    via: stored.via,
    waits: stored.waits,
    enteredAt: stored.enteredAt as Instant,
    passes: stored.passes ?? 0,
    handled: stored.handled ?? [],
    child: (stored.child ?? null) as JobId | null,
    topic: stored.topic ?? null,
    escalation: stored.escalation ?? null,
    ...(stored.l1s !== undefined && { l1s: stored.l1s }),
    ...(stored.span !== undefined && { span: stored.span }),
    ...(stored.code !== undefined && { code: stored.code }),
    ...(stored.operation !== undefined && { operation: stored.operation }),
  };
}
