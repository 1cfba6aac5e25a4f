import { after, generationId, type Instant, jobId, messageKey } from "../../brand.js";
import { type SignalRequestBody, signalRequestKind } from "../../interpret/event-codec.js";
import { interruptMessage } from "../../interpret/interrupt-job.js";
import type { PayloadCheck } from "../../interpret/moment.js";
import { prepareStart } from "../../interpret/start-event.js";
import { failureOf } from "../../job/failure.js";
import type { Plan } from "../../plan/plan.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type { Verdict } from "../../ports/program.js";
import { interruptBodyOf } from "../scenario.js";
import type { TestClock } from "../test-clock.js";
import type { SimulatedInterruption, SimulatedSignal, SimulatedStart, SimulationOptions } from "./simulation.js";
import { type StoryTeller, shown } from "./story-teller.js";

export interface SimulatedClientOptions {
  readonly options: SimulationOptions;
  readonly plan: Plan;
  readonly violations: PayloadCheck;
  readonly clock: TestClock;
  readonly story: StoryTeller;
  readonly step: StepWithEvent;
}

/** Decides an event; null: whoever was to decide it died, and nobody knows what became of it. */
export type StepWithEvent = (event: OutgoingMessage) => Promise<Verdict | null>;

/** One thing a client does. */
interface Act {
  readonly at: Instant;
  readonly name: string;
  /** Throws when it is refused before anybody decides it. */
  prepare(): OutgoingMessage;
}

/** Whoever calls from outside. A client that hears nothing repeats its call. */
export class SimulatedClient {
  readonly refused: string[] = [];
  readonly #given: SimulatedClientOptions;
  #acts: readonly Act[];
  #ids = 0;

  constructor(given: SimulatedClientOptions) {
    const { start = [], signals = [], interruptions = [] } = given.options;
    this.#given = given;
    const acts = [
      ...start.map((act) => this.#start(act)),
      ...signals.map((act) => this.#signal(act)),
      ...interruptions.map((act) => this.#interrupt(act)),
    ];
    this.#acts = acts.sort((one, other) => one.at - other.at);
  }

  /** When it does something next; null: never. */
  get dueAt(): Instant | null {
    return this.#acts[0]?.at ?? null;
  }

  /** Does the next thing; false: its time has not come. */
  async move(): Promise<boolean> {
    const { clock, story } = this.#given;
    const [act, ...later] = this.#acts;
    if (act === undefined || act.at > clock.now()) return false;
    this.#acts = later;
    try {
      const event = act.prepare();
      story.tell(`a client ${act.name}${event.kind === "start" ? `: job ${event.job}` : ""}`);
      await this.#insist(act, event);
    } catch (thrown) {
      this.#refuse(act, failureOf(thrown).message);
    }
    return true;
  }

  /** The same event again is a duplicate, when the first one was heard. */
  async #insist(act: Act, event: OutgoingMessage): Promise<void> {
    let verdict = await this.#given.step(event);
    const isRepeated = verdict === null;
    if (verdict === null) {
      this.#given.story.tell("the client, who heard nothing, asks again");
      verdict = await this.#given.step(event);
    }
    if (verdict === null || verdict.outcome === "applied") return;
    if (verdict.outcome === "rejected") this.#refuse(act, verdict.failure.message);
    else if (verdict.outcome === "stale") this.#refuse(act, verdict.reason);
    else if (!isRepeated) this.#refuse(act, "duplicate job");
  }

  #refuse(act: Act, why: string): void {
    this.refused.push(`${act.name}: ${why}`);
    this.#given.story.tell(`refused: ${why}`);
  }

  #start({ topic, data = {}, afterMs = 0 }: SimulatedStart): Act {
    const { plan, violations, clock } = this.#given;
    const id = this.#id();
    return {
      at: after(clock.now(), afterMs),
      name: `starts ${topic} ${shown(data)}`,
      prepare: () =>
        prepareStart(plan, {
          topic,
          payload: data,
          generatedId: jobId(`job-${id}`),
          generation: generationId(`generation-${id}`),
          key: messageKey(`start-${id}`),
          now: clock.now(),
          violations,
        }),
    };
  }

  #signal({ topic, data, afterMs = 0 }: SimulatedSignal): Act {
    const key = messageKey(`signal-${this.#id()}`);
    const body: SignalRequestBody = { topic, data, status: "success", code: 200 };
    return {
      at: after(this.#given.clock.now(), afterMs),
      name: `signals ${topic} ${shown(data)}`,
      prepare: () => ({ ...nobody, key, kind: signalRequestKind, body }),
    };
  }

  #interrupt({ job, afterMs = 0 }: SimulatedInterruption): Act {
    const key = messageKey(`interrupt-${this.#id()}`);
    return {
      at: after(this.#given.clock.now(), afterMs),
      name: `interrupts ${job}`,
      prepare: () => interruptMessage(key, jobId(job), interruptBodyOf({})),
    };
  }

  #id(): number {
    this.#ids += 1;
    return this.#ids;
  }
}

const nobody: Omit<OutgoingMessage, "key" | "kind" | "body"> = {
  topic: null,
  job: null,
  generation: null,
  path: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
};
