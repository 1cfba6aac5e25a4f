import {
  type Backend,
  HotMeshError,
  type InboundMessage,
  type Plan,
  type PlanId,
  type Program,
  type StepOptions,
  type Store,
  type Stream,
} from "@hotmesh/core";
import type { MemoryDatabase, MemoryTransaction, Prng } from "@hotmesh/core/testing";
import type { Coins } from "./coins.js";
import type { LeaseLedger } from "./lease-ledger.js";
import type { Sabotage } from "./sabotage.js";
import { Violation } from "./violation.js";

type Tx = MemoryTransaction;

/** What stands between a process and its storage. */
export interface Watch {
  readonly coins: Coins;
  readonly ledger: LeaseLedger;
  readonly database: MemoryDatabase;
  readonly sabotage: Sabotage;
  readonly prng: Prng;
  /** A dead process hears nothing any more. */
  isAlive(): boolean;
  report(violation: unknown): void;
  note(line: () => string): void;
}

/** A storage error that the simulator made. */
export function simulatedFailure(what: string): HotMeshError {
  return new HotMeshError("connection-failed", `simulated: ${what}`);
}

export function isSimulated(error: unknown): boolean {
  return HotMeshError.is(error) && error.message.startsWith("simulated: ");
}

/** The backend of a process, with the faults of its connection, and watched: what it promises is checked here. */
export function watchedBackend(backend: Backend<Tx>, watch: Watch): Backend<Tx> {
  return {
    store: watchedStore(backend.store, watch),
    stream: watchedStream(backend.stream, watch),
    sub: backend.sub,
    registry: backend.registry,
    close: () => backend.close(),
  };
}

/** The answer of the storage, unless the process is dead by then. */
async function heard<T>(watch: Watch, call: () => Promise<T>, learn: (result: T) => void = () => {}): Promise<T> {
  if (!watch.isAlive()) return never();
  try {
    const result = await call();
    learned(watch, () => learn(result));
    return watch.isAlive() ? result : await never<T>();
  } catch (error) {
    if (watch.isAlive()) throw error;
    return never();
  }
}

function learned(watch: Watch, learn: () => void): void {
  try {
    learn();
  } catch (violation) {
    watch.report(violation);
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

function watchedStore(store: Store<Tx>, watch: Watch): Store<Tx> {
  const read = <T>(call: () => Promise<T>): Promise<T> =>
    heard(watch, () => (watch.coins.toss("failed-read") ? Promise.reject(simulatedFailure("read")) : call()));
  return {
    step: (options, program) => step({ store, watch }, options, program),
    deploy: (plan) => store.deploy(plan),
    loadPlans: (ids) => read(() => loadPlans(store, watch, ids)),
    versions: () => read(() => store.versions()),
    activate: (version) => store.activate(version),
    activation: () => read(() => store.activation()),
    readJob: (id) => read(() => store.readJob(id)),
    readPasses: (id, generation, form) => read(() => store.readPasses(id, generation, form)),
    readAttempts: (id, generation) => read(() => store.readAttempts(id, generation)),
    readCounters: (range) => read(() => store.readCounters(range)),
    readEscalations: (key) => read(() => store.readEscalations(key)),
    depth: (topic) => read(() => store.depth(topic)),
    scrub: (id, generation) => heard(watch, () => store.scrub(id, generation)),
    sweep: (limit) => heard(watch, () => store.sweep(limit)),
  };
}

async function loadPlans(store: Store<Tx>, { sabotage }: Watch, ids: ReadonlySet<PlanId>) {
  const plans = await store.loadPlans(ids);
  if (sabotage.plan === undefined) return plans;
  const spoil = sabotage.plan.bind(sabotage);
  return new Map([...plans].map(([id, plan]): [PlanId, Plan] => [id, spoil(plan)]));
}

function step({ store, watch }: { store: Store<Tx>; watch: Watch }, options: StepOptions<Tx>, program: Program) {
  const answers = options.answers ?? [];
  const handoff = options.handoff && spoiltHandoff(options.handoff, watch.sabotage);
  const decided = watch.sabotage.program?.(program, watch.prng) ?? program;
  watch.ledger.answering(answers);
  let seen: readonly InboundMessage[] = [];
  const probe = probed(decided, watch, (messages) => {
    seen = messages;
  });
  return heard(
    watch,
    async () => {
      try {
        return await store.step({ ...options, ...(handoff !== undefined && { handoff }) }, probe);
      } catch (error) {
        watch.sabotage.crashed?.(seen, watch.database);
        throw error;
      }
    },
    (report) => {
      watch.ledger.handedOut(report.handed);
      report.answers.forEach((settled, at) => {
        const lease = answers[at]?.lease;
        if (settled === "settled" && lease !== undefined) watch.ledger.accepted(lease);
      });
    },
  );
}

function spoiltHandoff(handoff: NonNullable<StepOptions<Tx>["handoff"]>, { leaseMs }: Sabotage) {
  return leaseMs === undefined ? handoff : { ...handoff, leaseMs: leaseMs(handoff.leaseMs) };
}

/** The program, with a look at what the storage shows it. */
function probed(program: Program, watch: Watch, see: (messages: readonly InboundMessage[]) => void): Program {
  return {
    reads: (messages) => program.reads(messages),
    decide: (messages, snapshot) => {
      see(messages);
      const early = messages.find((message) => message.visibleAt !== null && message.visibleAt > snapshot.now);
      if (early !== undefined) watch.report(new Violation("nothing is seen early", `${early.kind} of ${early.job}`));
      for (const { kind, job, path, source } of messages)
        watch.note(() => `decided: ${kind} of ${job} ${path} (${source})`);
      return program.decide(messages, snapshot);
    },
  };
}

function watchedStream(stream: Stream<Tx>, watch: Watch): Stream<Tx> {
  const { ledger, sabotage } = watch;
  return {
    claim: async (options) => {
      const leaseMs = sabotage.leaseMs?.(options.leaseMs) ?? options.leaseMs;
      const report = await heard(
        watch,
        () => stream.claim({ ...options, leaseMs }),
        ({ leases }) => ledger.handedOut(leases),
      );
      const spoil = sabotage.lease?.bind(sabotage);
      return spoil === undefined ? report : { ...report, leases: report.leases.map(spoil) };
    },
    extend: (tokens, leaseMs) => {
      ledger.prolonging(tokens, leaseMs);
      return heard(
        watch,
        () => stream.extend(tokens, leaseMs),
        (kept) => ledger.prolonged(kept),
      );
    },
    settle: async (settlements) => {
      ledger.answering(settlements);
      const settled = await heard(
        watch,
        () => stream.settle(settlements),
        (results) => {
          results.forEach((result, at) => {
            const lease = settlements[at]?.lease;
            if (result === "settled" && lease !== undefined) ledger.accepted(lease);
          });
          sabotage.settled?.(settlements, watch.database);
        },
      );
      if (watch.coins.toss("answer-twice")) await heard(watch, () => again(stream, settlements));
      return settled;
    },
    send: (messages, options) => heard(watch, () => stream.send(messages, options)),
  };
}

/** The same answers once more: whatever becomes of them, nothing may change. */
async function again(stream: Stream<Tx>, settlements: Parameters<Stream<Tx>["settle"]>[0]): Promise<void> {
  try {
    await stream.settle(settlements);
  } catch (error) {
    if (!isSimulated(error)) throw error;
  }
}
