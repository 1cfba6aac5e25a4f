import { after, type Instant, instant } from "../../brand.js";
import { graphProgram } from "../../interpret/batch.js";
import type { PayloadCheck } from "../../interpret/moment.js";
import type { Plan } from "../../plan/plan.js";
import type { InboundMessage } from "../../ports/message.js";
import type { Program } from "../../ports/program.js";
import type { StepOptions, StepReport } from "../../ports/store.js";
import { type MemoryBackend, memoryBackend } from "../memory/backend.js";
import type { MemoryTransaction } from "../memory/transaction.js";
import { type Prng, prng } from "../prng.js";
import { TestClock } from "../test-clock.js";
import type { Fault } from "./fault.js";
import { SimulatedClient, type StepWithEvent } from "./simulated-client.js";
import { jobsOf } from "./simulated-jobs.js";
import { SimulatedWorkers } from "./simulated-workers.js";
import type { Simulation, SimulationOptions } from "./simulation.js";
import { StoryTeller } from "./story-teller.js";

const longestMs = 366 * 86_400_000;
/** Far more than any workflow of a year needs; one that never comes to a wait gets there quickly. */
const movesMax = 1_000_000;

/** Thrown where the process dies; it never leaves this folder. */
class Death extends Error {}

interface SimulatedApp {
  readonly plan: Plan;
  readonly violations: PayloadCheck;
}

/** An engine, workers and clients over the memory backend: one of them moves at a time, and a seed says who. */
export class SimulatedMesh {
  readonly #options: SimulationOptions;
  readonly #clock: TestClock;
  readonly #backend: MemoryBackend;
  readonly #app: SimulatedApp;
  readonly #prng: Prng;
  readonly #story: StoryTeller;
  readonly #client: SimulatedClient;
  readonly #workers: SimulatedWorkers;
  readonly #program: Program;
  readonly #fault: Fault | null;
  readonly #startedAt: Instant;
  /** What the step under way decides; empty: nothing, and then it is no moment for faults. */
  #decides: readonly InboundMessage[] = [];
  #steps = 0;
  #engineDueAt: Instant | null = null;

  private constructor(app: SimulatedApp, options: SimulationOptions, fault: Fault | null) {
    const { clock = new TestClock(), seed = 1 } = options;
    this.#app = app;
    this.#options = options;
    this.#fault = fault;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#prng = prng(seed).fork("simulation");
    this.#story = new StoryTeller(clock);
    const faults = {
      beforeCommit: () => this.#strike("engine-dies-before-commit"),
      afterCommit: () => this.#strike("engine-dies-after-commit"),
    };
    this.#backend = memoryBackend({ clock, faults });
    this.#program = this.#watched();
    const shared = { options, fault, clock, story: this.#story };
    this.#workers = new SimulatedWorkers({ ...shared, backend: this.#backend });
    this.#client = new SimulatedClient({ ...shared, ...app, step: this.#step });
  }

  /** Plays until nothing can happen any more. */
  static async play(options: SimulationOptions, fault: Fault | null = null): Promise<Simulation> {
    // Loaded here: whoever tests with the memory backend alone needs neither of the packages that the compiler does.
    const { compileText, payloadCheck: violations } = await import("../../compiler.js");
    const { document } = options;
    const plan = typeof document === "string" ? compileText(document).plan : document;
    return await new SimulatedMesh({ plan, violations }, options, fault).#play();
  }

  async #play(): Promise<Simulation> {
    const { plan } = this.#app;
    await this.#backend.store.deploy(plan);
    await this.#backend.store.activate(plan.version);
    const endAt = after(this.#startedAt, this.#options.forMs ?? longestMs);
    for (let move = 0; await this.#round(endAt); move += 1) {
      if (move === movesMax) throw new Error(`the simulation did not come to an end in ${movesMax} moves`);
    }
    await this.#workers.answerLate();
    const { calls } = this.#workers;
    const jobs = jobsOf(this.#backend.database.contents());
    const { refused } = this.#client;
    const passedMs = this.#clock.now() - this.#startedAt;
    return { jobs, calls, refused, story: this.#story.lines, passedMs, steps: this.#steps };
  }

  /** Somebody moves, or time does; false: nothing can happen any more. */
  async #round(endAt: Instant): Promise<boolean> {
    const movers = [
      () => this.#client.move(),
      () => this.#engine(),
      () => this.#workers.answer(this.#prng),
      ...this.#workers.topics.map((topic) => () => this.#workers.take(topic)),
    ];
    while (movers.length > 0) {
      const [mover] = movers.splice(this.#prng.below(movers.length), 1);
      if (await mover?.()) return true;
    }
    const due = [this.#engineDueAt, this.#client.dueAt, this.#workers.dueAt].filter((at) => at !== null);
    const next = Math.min(...due);
    if (next > endAt) return false;
    this.#clock.set(instant(Math.max(next, this.#clock.now() + 1)));
    return true;
  }

  async #engine(): Promise<boolean> {
    const report = await this.#stepped({ limit: 1 + this.#prng.below(3) });
    if (report === null) return true;
    this.#engineDueAt = report.nextDueAt;
    return report.claimed + report.parked > 0;
  }

  readonly #step: StepWithEvent = async (event) => {
    const report = await this.#stepped({ limit: 0, events: [event] });
    return report?.verdicts[0] ?? null;
  };

  /** Null: the engine died in it. */
  async #stepped(options: StepOptions<MemoryTransaction>): Promise<StepReport | null> {
    try {
      return await this.#backend.store.step(options, this.#program);
    } catch (thrown) {
      if (thrown instanceof Death) return null;
      throw thrown;
    } finally {
      this.#decides = [];
    }
  }

  /** The program, with a look at what it decides. */
  #watched(): Program {
    const { policy = null } = this.#options;
    const { plan, violations } = this.#app;
    const program = graphProgram({ plans: new Map([[plan.id, plan]]), policy, violations });
    return {
      reads: (messages) => program.reads(messages),
      decide: (messages, snapshot) => {
        const commit = program.decide(messages, snapshot);
        if ("verdicts" in commit) this.#decided(messages, commit.parked);
        return commit;
      },
    };
  }

  #decided(messages: readonly InboundMessage[], parked: readonly { readonly reason: string }[]): void {
    this.#decides = messages;
    if (messages.length === 0) return;
    this.#steps += 1;
    for (const message of messages) this.#story.decided(message);
    for (const { reason } of parked) this.#story.tell(`it cannot be decided, and stays: ${reason}`);
  }

  #strike(kind: "engine-dies-before-commit" | "engine-dies-after-commit"): void {
    const isIt = this.#fault?.kind === kind && this.#fault.at === this.#steps - 1 && this.#decides.length > 0;
    if (!isIt) return;
    this.#decides = [];
    this.#story.fault(`the engine dies ${deaths[kind]}`);
    throw new Death(kind);
  }
}

const deaths = {
  "engine-dies-before-commit": "before its commit: nothing of that has happened",
  "engine-dies-after-commit": "after its commit, and nobody heard of it",
};
