import type { HookRecord, Instant, JobRecord, OutgoingMessage, ParentLink, PathText } from "@hotmesh/core";
import { type Control, type DatabaseContents, decodeControl, type OpenPass, waitOf } from "@hotmesh/core/testing";
import { Violation } from "./violation.js";

type Row = DatabaseContents["messages"][number];

/** What holds after every tick. It remembers how jobs ended, because a finished job must not change any more. */
export class Invariants {
  /** Every incarnation of every job, as it was when it ended. */
  readonly finished = new Map<string, JobRecord[]>();
  readonly #ended = new Map<string, JobRecord>();
  readonly #controls = new WeakMap<JobRecord, Control>();
  #live = new Map<string, JobRecord>();

  check(contents: DatabaseContents, now: Instant): void {
    const rows = new RowsByJob(contents);
    for (const job of contents.jobs) {
      const control = this.#control(job);
      checkStatus(job, control);
      if (isClosed(job)) {
        this.#checkEnded(job);
        checkLeftovers(job, rows);
      } else {
        checkMovers(job, control, rows);
        checkStrays(job, control, rows);
      }
    }
    this.#checkItems(contents);
    this.#checkComingAndGoing(contents, now);
    for (const row of contents.messages) {
      if (row.state === "parked") throw new Violation("no message is parked", `${name(row.message)}: ${row.reason}`);
    }
  }

  /** Nothing waits for anything: for the end of a run. */
  checkAtRest(contents: DatabaseContents): void {
    const [hook] = contents.hooks;
    if (hook !== undefined) throw new Violation("nothing is left behind", `hook of ${hook.job} at ${hook.path}`);
    const row = contents.messages.find(({ state }) => state !== "dead");
    if (row !== undefined) throw new Violation("nothing is left behind", name(row.message));
  }

  #control(job: JobRecord): Control {
    const control = this.#controls.get(job) ?? decodeControl(job.control);
    this.#controls.set(job, control);
    return control;
  }

  /** A work item is pending exactly as long as the wait is open that it is kept beside. */
  #checkItems({ jobs, escalations }: DatabaseContents): void {
    const pending = new Set(escalations.filter(({ status }) => status === "pending").map(({ wait }) => wait));
    for (const job of jobs) {
      for (const [path, pass] of this.#control(job).open) {
        if (pass.escalation === null || pending.delete(waitOf({ generation: job.generation, path }))) continue;
        throw new Violation("a work item lasts as long as its wait", `${show(job)} waits at ${path} without one`);
      }
    }
    const left = escalations.find(({ wait }) => pending.has(wait));
    if (left === undefined) return;
    throw new Violation("a work item lasts as long as its wait", `the one of ${left.job} with the key ${left.key}`);
  }

  #checkEnded(job: JobRecord): void {
    const ended = this.#ended.get(job.generation);
    if (ended === job) return;
    if (ended !== undefined) {
      throw new Violation("a closed job never changes", `${job.id} went from ${show(ended)} to ${show(job)}`);
    }
    this.#ended.set(job.generation, job);
    this.finished.set(job.id, [...(this.finished.get(job.id) ?? []), job]);
  }

  /** A job comes on the active version, and goes only when it has expired; until then nobody takes its id. */
  #checkComingAndGoing({ jobs, activation }: DatabaseContents, now: Instant): void {
    const live = new Map(jobs.map((job) => [job.generation as string, job]));
    for (const [generation, job] of live) {
      if (!this.#live.has(generation) && job.plan !== activation?.plan) {
        throw new Violation("a job starts on the active version", `${show(job)} runs ${job.version}`);
      }
    }
    for (const [generation, job] of this.#live) {
      const isDue = job.expireAt !== null && job.expireAt <= now;
      if (!live.has(generation) && !isDue) {
        throw new Violation("a job stays until it expires", `${job.id} is gone: ${show(job)}`);
      }
      if (!live.has(generation)) continue;
      if (this.#ended.has(generation) && !isClosed(live.get(generation) ?? job)) {
        throw new Violation("a closed job never changes", `${job.id} is open again`);
      }
    }
    this.#live = live;
  }
}

/** No obligations, and not waiting to be resumed: final. */
export function isClosed(job: JobRecord): boolean {
  return job.status <= 0 && job.phase !== "pending";
}

function checkStatus(job: JobRecord, control: Control): void {
  const waiting = [...control.joins.values()].filter((join) => !join.entered).length;
  const open = control.open.size + control.queue.length + waiting;
  const isRight =
    job.phase === "interrupted"
      ? job.status < -900_000_000 && open === 0
      : job.phase === "pending"
        ? job.status === -1
        : job.status === open && (job.phase !== "completed" || open === 0) && (job.phase !== "running" || open > 0);
  if (!isRight) throw new Violation("status counts what is open", `${show(job)} with ${open} obligations`);
}

/** Whatever is open can be moved by something: work, a timer, a hook, a child, a message under way. */
function checkMovers(job: JobRecord, control: Control, rows: RowsByJob): void {
  if (job.phase === "pending") {
    if (job.expireAt === null) throw new Violation("whatever is open can move", `${show(job)} never expires`);
    return;
  }
  if (control.queue.length > 0 && !rows.of(job).some((row) => row.message.kind === "resume")) {
    throw new Violation("whatever is open can move", `${show(job)} has hops left over and no resume message`);
  }
  for (const [path, pass] of control.open) {
    if (!canMove(job, { path, pass }, rows)) {
      throw new Violation(
        "whatever is open can move",
        `${show(job)}: nothing moves ${path}, which waits for ${pass.waits}`,
      );
    }
  }
}

interface Wait {
  readonly path: PathText;
  readonly pass: OpenPass;
}

function canMove(job: JobRecord, { path, pass }: Wait, rows: RowsByJob): boolean {
  const messages = rows.of(job).filter((row) => row.message.path === path && row.state !== "dead");
  // An answer or a timer under way, or a request that is queued, leased, or held until somebody answers it.
  if (messages.length > 0) return true;
  if (pass.waits === "hook") return rows.hooksOf(job).some((hook) => hook.path === path);
  if (pass.waits === "child") return rows.hasChild({ job: job.id, generation: job.generation, path });
  // It has answered for the time being; the rest of the answer comes from outside.
  return pass.passes > 0;
}

const harmless = new Set(["complete", "signal", "interrupt", "start", "resume"]);

/**
 * What may still lie about for a closed job: answers, signals and interruptions that were on their way, and a message
 * to go on when another one was quicker. Work, timers and hooks must have gone with what they were for.
 */
function checkLeftovers(job: JobRecord, rows: RowsByJob): void {
  const stray = rows.of(job).find((row) => row.state !== "dead" && !isHarmless(row));
  if (stray !== undefined) throw new Violation("a closed job leaves nothing behind", name(stray.message));
  const [hook] = rows.hooksOf(job);
  if (hook !== undefined) throw new Violation("a closed job leaves nothing behind", `${job.id}: hook at ${hook.path}`);
}

/** The same for the passes of an open job: a pass that has closed leaves no work, no timer and no hook. */
function checkStrays(job: JobRecord, control: Control, rows: RowsByJob): void {
  const isOpen = (path: string | null) => path === null || [...control.open.keys()].some((open) => open === path);
  const stray = rows.of(job).find((row) => row.state !== "dead" && !isHarmless(row) && !isOpen(row.message.path));
  if (stray !== undefined) throw new Violation("a closed pass leaves nothing behind", name(stray.message));
  const hook = rows.hooksOf(job).find(({ path }) => !isOpen(path));
  if (hook !== undefined) throw new Violation("a closed pass leaves nothing behind", `${job.id}: hook at ${hook.path}`);
}

function isHarmless(row: Row): boolean {
  return row.message.topic === null && harmless.has(row.message.kind);
}

/** The contents of a database by the job they belong to. */
class RowsByJob {
  readonly #rows = new Map<string, Row[]>();
  readonly #hooks = new Map<string, HookRecord[]>();
  readonly #children = new Set<string>();

  constructor(contents: DatabaseContents) {
    for (const row of contents.messages) {
      const { job, generation, kind } = row.message;
      if (kind === "start") this.#child(parentOf(row.message));
      if (job !== null) put(this.#rows, generation ?? job, row);
    }
    for (const hook of contents.hooks) put(this.#hooks, hook.generation, hook);
    for (const job of contents.jobs) if (!isClosed(job)) this.#child(job.parent);
  }

  of(job: JobRecord): readonly Row[] {
    return this.#rows.get(job.generation) ?? [];
  }

  hooksOf(job: JobRecord): readonly HookRecord[] {
    return this.#hooks.get(job.generation) ?? [];
  }

  /** The pass has a child that lives, or is about to. */
  hasChild(parent: Omit<ParentLink, "awaits">): boolean {
    return this.#children.has(`${parent.generation} ${parent.path}`);
  }

  #child(parent: Omit<ParentLink, "awaits"> | null): void {
    if (parent !== null) this.#children.add(`${parent.generation} ${parent.path}`);
  }
}

function parentOf({ body }: OutgoingMessage): ParentLink | null {
  if (typeof body !== "object" || body === null || !("parent" in body)) return null;
  return body["parent"] as ParentLink | null;
}

function put<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}

function name(message: OutgoingMessage): string {
  return `${message.kind} of ${message.job} at ${message.path} for ${message.topic ?? "the engine"}`;
}

function show(job: JobRecord): string {
  return `${job.id} (${job.phase}, status ${job.status}, revision ${job.revision})`;
}
