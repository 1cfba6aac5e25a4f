import { type Address, type MessageKey, type PathText, pathText } from "../brand.js";
import type { Arrival, Control, JoinState, Lineage, OpenPass } from "../job/control.js";
import { encodeControl } from "../job/control-codec.js";
import type { Decision } from "../job/decision.js";
import type { Effect } from "../job/effect.js";
import { closeEscalation } from "../job/escalation.js";
import { ancestorsOf } from "../job/lineage.js";
import { isWithin, parsePath, pathOf } from "../job/path.js";
import type { JobState } from "../job/state.js";
import type { Json, JsonObject } from "../json.js";
import type { GraphPlan, Plan } from "../plan/plan.js";
import { type PlanIndex, planIndex } from "../plan/plan-index.js";
import type { PassKey, PassRange, PassReads } from "../ports/program.js";
import type { JobPhase, JobRecord, PassRecord } from "../ports/records.js";
import type { Moment } from "./moment.js";
import { isToldByAddress } from "./read-set.js";
import type { TracedLeg } from "./span-source.js";

/**
 * The job while it is being decided: the only mutable thing of the interpreter. It is made from a state, lives inside
 * one call of `decide` and is frozen into a decision at the end.
 */
export class Draft {
  readonly plan: Plan;
  readonly index: PlanIndex;
  readonly graph: GraphPlan;
  readonly moment: Moment;
  readonly record: JobRecord;
  /** As it was when the decision began. */
  readonly control: Control;

  readonly open: Map<PathText, OpenPass>;
  readonly queue: Arrival[];
  readonly counters: Map<string, number>;
  readonly lineages: Map<PathText, Lineage>;
  readonly joins: Map<string, JoinState>;
  readonly pivots: Map<string, string>;
  readonly passes: Map<PathText, PassRecord>;
  /** What `passes` was read for. Null: they are all the job has. */
  readonly asked: PassReads | null;
  readonly wantedPasses = new Map<PathText, PassKey>();
  readonly wantedRanges = new Map<PathText, PassRange>();
  readonly wantedEscalations = new Set<string>();
  /** Passes that end in this decision: whatever they lead to is made in it, too. */
  readonly ended = new Set<PathText>();
  readonly touched = new Map<PathText, MessageKey | null>();
  readonly effects: Effect[] = [];
  /** 1 while an arrival is being worked on: it is neither queued nor open, but it is an obligation. */
  current: 0 | 1 = 0;
  /** The leg under way, as it is traced. */
  leg: TracedLeg | null = null;
  trace: string | null;
  isSampled: boolean;
  /** What was told of legs: the status is that of the end. */
  readonly toldLegs: { status: number }[] = [];
  data: JsonObject | null;
  fields: Record<string, string>;
  failure: JsonObject | null;
  phase: JobPhase;
  expireAt: JobRecord["expireAt"];
  entity: string | null;
  persistent: Json;
  status: number;
  resumes: number;
  told: number;
  exotic: boolean;
  answered: boolean;

  constructor(on: { readonly plan: Plan; readonly graph: GraphPlan }, job: JobState, moment: Moment) {
    const { plan, graph } = on;
    this.plan = plan;
    this.index = planIndex(plan);
    this.graph = graph;
    this.moment = moment;
    this.record = job.record;
    this.control = job.control;
    this.open = new Map(job.control.open);
    this.queue = [...job.control.queue];
    this.counters = new Map(job.control.counters);
    this.lineages = new Map(job.control.lineages);
    this.joins = new Map(job.control.joins);
    this.pivots = new Map(job.control.pivots);
    this.trace = job.record.trace;
    this.isSampled = job.control.isSampled;
    this.passes = new Map(job.passes);
    this.asked = job.asked;
    this.data = job.record.data;
    this.fields = { ...job.record.fields };
    this.failure = job.record.failure;
    this.phase = job.record.phase;
    this.expireAt = job.record.expireAt;
    this.entity = job.record.entity;
    this.persistent = job.control.persistent;
    this.status = job.record.status;
    this.resumes = job.control.resumes;
    this.told = job.control.told;
    this.exotic = job.control.exotic;
    this.answered = job.control.answered;
  }

  /** Open obligations: the semaphore, derived. */
  obligations(): number {
    let waiting = 0;
    for (const join of this.joins.values()) if (!join.entered) waiting += 1;
    return this.open.size + this.queue.length + waiting + this.current;
  }

  /**
   * The number of the next pass of an activity at a base. Numbers are kept only where several passes can share a base:
   * several edges lead to the activity, it is a pivot, or it answers more than once.
   */
  takeNumber(activity: string, base: Address, first: number): number {
    const key = pathOf(activity, base);
    const index = this.counters.get(key) ?? first;
    this.counters.set(key, index + 1);
    return index;
  }

  /** Remembers the job's data; the returned function takes back what was written to it since. */
  savepoint(): () => void {
    const { data, exotic } = this;
    const fields = { ...this.fields };
    return () => {
      this.data = data;
      this.exotic = exotic;
      this.fields = fields;
    };
  }

  /** Nothing of the job stays open: its messages, timers, hooks and work items go. */
  giveUp(): void {
    const { id, generation } = this.record;
    for (const [path, { escalation: key }] of this.open) {
      if (key === null) continue;
      this.effects.push(closeEscalation({ generation, path, key }, { status: "cancelled", payload: null }));
    }
    this.open.clear();
    this.queue.length = 0;
    this.joins.clear();
    this.current = 0;
    this.effects.push({ kind: "cancel", cancel: { by: "job", job: id } });
    this.effects.push({ kind: "close-hook", hook: { job: id, path: null } });
  }

  /** The row of a pass that may have data, and how it came about if its address does not tell. */
  writeDataPass(pass: PassRecord, via: Lineage, inputOf: MessageKey | null): void {
    const hasData = pass.output !== null || pass.hook !== null;
    if (hasData && this.index.keepsLineage(pass.activity)) this.lineages.set(pathOf(pass.activity, pass.address), via);
    this.writePass(pass, inputOf);
  }

  writePass(pass: PassRecord, inputOf: MessageKey | null): void {
    const path = pathOf(pass.activity, pass.address);
    this.passes.set(path, pass);
    this.touched.set(path, inputOf ?? this.touched.get(path) ?? null);
  }

  /** The decision; the row's revision is the caller's to raise, once per commit. */
  finish(): Decision {
    this.#forgetClosedScopes();
    for (const leg of this.toldLegs) leg.status = this.status;
    // Written out: this takes a tenth of the time of a spread whose members are replaced one by one.
    const { app, trigger, slice, parentId, numericId } = this.control;
    const control: Control = {
      app,
      trigger,
      slice,
      persistent: this.persistent,
      parentId,
      numericId,
      open: this.open,
      queue: this.queue,
      counters: this.counters,
      lineages: this.lineages,
      joins: this.joins,
      resumes: this.resumes,
      told: this.told,
      isSampled: this.isSampled,
      pivots: this.pivots,
      exotic: this.exotic,
      answered: this.answered,
    };
    const record: JobRecord = {
      ...this.record,
      phase: this.phase,
      status: this.status,
      control: encodeControl(control),
      data: this.data,
      fields: this.fields,
      failure: this.failure,
      entity: this.entity,
      trace: this.trace,
      updatedAt: this.moment.now,
      expireAt: this.expireAt,
    };
    return {
      verdict: { outcome: "applied" },
      job: { record, control, passes: this.passes, asked: this.asked },
      touched: this.touched,
      effects: this.effects,
      wanted: {
        passes: [...this.wantedPasses.values()],
        ranges: [...this.wantedRanges.values()],
        ...(this.wantedEscalations.size > 0 && { escalations: [...this.wantedEscalations] }),
      },
    };
  }

  /**
   * A number, or a join that was entered, is needed as long as something open may still arrive at its base or jump back
   * to it: something at the base, above it, or below it. Forgetting the others keeps long loops flat.
   */
  #forgetClosedScopes(): void {
    if (this.counters.size + this.joins.size + this.lineages.size + this.pivots.size === 0) return;
    const alive = [...this.open.values()].map((pass) => pass.address);
    for (const arrival of this.queue) alive.push(arrival.base);
    for (const join of this.joins.values()) if (!join.entered) alive.push(join.fork);
    for (const named of [this.counters, this.pivots]) {
      for (const key of named.keys()) {
        const base = key.slice(key.indexOf(","));
        if (!alive.some((at) => related(at, base))) named.delete(key);
      }
    }
    // What enters a join, or will enter it, stands below all its arrivals, and not only below the fork.
    for (const { at } of this.queue) if (at !== null) alive.push(at);
    for (const { entered, arrived } of this.joins.values()) {
      if (!entered)
        for (const { via } of arrived) for (const path of via) alive.push(parsePath(pathText(path)).address);
    }
    for (const [path, via] of this.lineages) {
      const above = this.#besideOthers(path, via);
      if (above === null || !alive.some((at) => isWithin(at, above))) this.lineages.delete(path);
    }
    for (const [key, join] of this.joins) {
      if (join.entered && !alive.some((at) => related(at, join.fork))) this.joins.delete(key);
    }
  }

  /** The uppermost pass above this one of which addresses do not tell that this one stems from it. */
  #besideOthers(path: PathText, via: Lineage): Address | null {
    const { activity, address } = parsePath(path);
    const above = ancestorsOf({ address, via }).find((pass) => !isToldByAddress(this.index, activity, pass.activity));
    return above?.address ?? null;
  }
}

function related(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b},`) || b.startsWith(`${a},`);
}
