import { after, type Instant } from "../../brand.js";
import { failureOf } from "../../job/failure.js";
import { parsePath } from "../../job/path.js";
import { jsonOf } from "../../json.js";
import type { Lease, Outcome } from "../../ports/message.js";
import { outcomeOf } from "../../work/outcome.js";
import { streamDataOf } from "../../work/stream-data.js";
import type { MemoryBackend } from "../memory/backend.js";
import type { Prng } from "../prng.js";
import type { TestClock } from "../test-clock.js";
import type { Fault, FaultKind } from "./fault.js";
import type { SimulatedCall, SimulatedExecution, SimulatedWorker, SimulationOptions } from "./simulation.js";
import { type StoryTeller, shown } from "./story-teller.js";

export interface SimulatedWorkersOptions {
  readonly options: SimulationOptions;
  readonly fault: Fault | null;
  readonly backend: MemoryBackend;
  readonly clock: TestClock;
  readonly story: StoryTeller;
}

/** A callback that has ended, and what becomes of its message. */
interface Ended {
  readonly lease: Lease;
  readonly outcome: Outcome;
  readonly isSentTwice: boolean;
}

const leaseMs = 30_000;

/** The workers of all topics: they take a message, run its callback, and answer when it is their turn. */
export class SimulatedWorkers {
  readonly calls: SimulatedCall[] = [];
  readonly topics: readonly string[];
  readonly #given: SimulatedWorkersOptions;
  readonly #callbacks: Readonly<Record<string, SimulatedWorker>>;
  readonly #dueAt = new Map<string, Instant | null>();
  #ended: readonly Ended[] = [];
  /** What ended when its lease had been lost: it answers right before whoever has the message then. */
  #late: readonly Ended[] = [];

  constructor(given: SimulatedWorkersOptions) {
    this.#given = given;
    this.#callbacks = given.options.workers ?? {};
    this.topics = Object.keys(this.#callbacks);
  }

  /** When there is something to take; null: as far as is known, never. */
  get dueAt(): Instant | null {
    return [...this.#dueAt.values()].reduce(
      (least, at) => (least === null || (at !== null && at < least) ? at : least),
      null,
    );
  }

  /** Takes a message of the topic and runs its callback; false: there is none. */
  async take(topic: string): Promise<boolean> {
    const { backend, clock } = this.#given;
    const { leases, nextDueInMs } = await backend.stream.claim({ topic, limit: 1, leaseMs, holder: "simulation" });
    this.#dueAt.set(topic, nextDueInMs === null ? null : after(clock.now(), nextDueInMs));
    const [lease] = leases;
    const callback = this.#callbacks[topic];
    if (lease === undefined || callback === undefined) return false;
    await this.#call(lease, callback);
    return true;
  }

  /** One of those whose callbacks have ended answers; false: there is none. */
  async answer(prng: Prng): Promise<boolean> {
    if (this.#ended.length === 0) return false;
    const ended = prng.pick(this.#ended);
    this.#ended = this.#ended.filter((other) => other !== ended);
    await this.answerLate(ended.lease);
    await this.#settle(ended);
    if (ended.isSentTwice) {
      this.#given.story.fault("it sends its answer a second time");
      await this.#settle(ended);
    }
    return true;
  }

  /** Those answer whose leases had ended: for the message of `now`, or for any. */
  async answerLate(now?: Lease): Promise<void> {
    const isTheirs = ({ lease }: Ended) => now === undefined || lease.key === now.key;
    const late = this.#late.filter(isTheirs);
    this.#late = this.#late.filter((ended) => !isTheirs(ended));
    for (const ended of late) {
      this.#given.story.fault("the first worker answers at last");
      await this.#settle(ended);
    }
  }

  async #call(lease: Lease, callback: SimulatedWorker): Promise<void> {
    const { story } = this.#given;
    const activity = lease.path === null ? "" : parsePath(lease.path).activity;
    const { job, topic, attempt, body: data } = lease;
    const place = this.calls.length;
    const again = lease.deliveries > 1 ? " once more" : "";
    story.tell(`a worker of ${topic} takes the message of ${activity} of ${job}${again}: ${shown(data)}`);
    this.calls.push({ topic: topic ?? "", job, activity, attempt, data, atMs: story.atMs });
    if (this.#strikes("worker-dies", place)) {
      story.fault("it dies before it runs the callback");
      return;
    }
    const outcome = await this.#run(lease, callback);
    if (this.#strikes("worker-dies-after-effect", place)) {
      story.fault("it dies: the callback has run, and its answer is lost");
      return;
    }
    const ended: Ended = { lease, outcome, isSentTwice: this.#strikes("answered-twice", place) };
    if (this.#strikes("lease-lost", place)) {
      story.fault("that takes longer than its lease");
      this.#late = [...this.#late, ended];
    } else {
      this.#ended = [...this.#ended, ended];
    }
  }

  async #run(lease: Lease, callback: SimulatedWorker): Promise<Outcome> {
    const policy = this.#given.options.policy ?? null;
    try {
      const value = await callback(streamDataOf(lease), execution());
      this.#given.story.tell(`the callback of ${lease.topic} gives ${shown(jsonOf(value) ?? null)}`);
      return outcomeOf(lease, { kind: "returned", value }, policy);
    } catch (error) {
      this.#given.story.tell(`the callback of ${lease.topic} throws ${failureOf(error).message}`);
      return outcomeOf(lease, { kind: "thrown", error }, policy);
    }
  }

  async #settle({ lease, outcome }: Ended): Promise<void> {
    const { backend, story } = this.#given;
    const [settled] = await backend.stream.settle([{ lease, outcome }]);
    if (settled === "lease-lost") story.tell("that answer comes too late, and changes nothing");
  }

  #strikes(kind: FaultKind, place: number): boolean {
    const { fault } = this.#given;
    return fault?.kind === kind && fault.at === place;
  }
}

/** The host's, where it has one: core knows no host. */
function execution(): SimulatedExecution {
  const host: object = globalThis;
  return Reflect.construct(Reflect.get(host, "AbortController") ?? Object, []);
}
