import type { Address, GenerationId, Instant, JobId } from "../../brand.js";
import { isWithin } from "../../job/path.js";
import type { Backend } from "../../ports/backend.js";
import type { Program } from "../../ports/program.js";
import type { PassRecord } from "../../ports/records.js";
import type { StepOptions, StepReport, Store } from "../../ports/store.js";
import type { Stream } from "../../ports/stream.js";
import { attemptsOf } from "./attempts.js";
import { pageOf } from "./counters.js";
import { MemoryDatabase } from "./database.js";
import { itemsOf } from "./escalations.js";
import type { Faults } from "./faults.js";
import { Hub } from "./hub.js";
import { claim, extend, settle } from "./leases.js";
import { liveJob, send } from "./messages.js";
import { activate, deploy, loadPlans, versions } from "./plans.js";
import { GivenUp, step } from "./step.js";
import { MemorySub } from "./sub.js";
import { scrub, sweep } from "./sweep.js";
import { laneOf } from "./tables.js";
import { MemoryTransaction } from "./transaction.js";
import { type Access, perform, Unit } from "./unit.js";

/** A backend that lives in memory: the executable specification of the ports. */
export interface MemoryBackend extends Backend<MemoryTransaction> {
  readonly sub: MemorySub;
  readonly database: MemoryDatabase;
  /** Opens a transaction of a caller, for `within`. Any backend of the database may take part in it. */
  begin(): MemoryTransaction;
}

/** What a backend in memory needs. */
export interface MemoryBackendOptions {
  /** The storage's clock: it alone decides what is due. */
  readonly clock: { now(): Instant };
  /** Shared by backends that stand for several processes of one app. Own unless given. */
  readonly database?: MemoryDatabase;
  readonly faults?: Faults;
}

/** Opens a backend in memory. */
export function memoryBackend(options: MemoryBackendOptions): MemoryBackend {
  const { clock, database = new MemoryDatabase(), faults = {} } = options;
  const hub = new Hub(faults);
  const access: Access = { database, clock, hub, faults };
  database.hubs.add(hub);
  return {
    store: memoryStore(access),
    stream: memoryStream(access),
    sub: new MemorySub(database, hub),
    registry: database.registry.on(clock),
    database,
    begin: () => new MemoryTransaction(database),
    close: async () => {
      database.hubs.delete(hub);
      hub.clear();
    },
  };
}

function memoryStore(access: Access): Store<MemoryTransaction> {
  const read = async <T>(look: (unit: Unit) => T): Promise<T> => look(new Unit(access, null));
  return {
    step: (options, program) => runStep(access, options, program),
    deploy: (plan) => perform(access, (unit) => deploy(unit, plan)),
    loadPlans: (ids) => read((unit) => loadPlans(unit, ids)),
    versions: () => read(versions),
    activate: (version) => perform(access, (unit) => activate(unit, version)),
    activation: () => read((unit) => unit.tables.activation.get("active") ?? null),
    readJob: (id) => read((unit) => liveJob(unit, id)),
    readPasses: (id, generation, form) => read((unit) => passesOf(unit, { id, generation, under: form?.under })),
    readAttempts: (id, generation) => read((unit) => attemptsOf(unit, id, generation)),
    readCounters: (range) => read((unit) => pageOf(unit, range)),
    readEscalations: (key) => read((unit) => itemsOf(unit, key)),
    depth: (topic) =>
      read((unit) => unit.tables.messages.group("lane", laneOf(topic)).filter((row) => row.state === "ready").length),
    scrub: (id, generation) => perform(access, (unit) => scrub(unit, id, generation)),
    sweep: (limit) => perform(access, (unit) => sweep(unit, limit)),
  };
}

function memoryStream(access: Access): Stream<MemoryTransaction> {
  return {
    claim: (options) => perform(access, (unit) => claim(unit, options)),
    extend: (leases, leaseMs) => perform(access, (unit) => extend(unit, leases, leaseMs)),
    settle: (settlements) => perform(access, (unit) => settle(unit, settlements)),
    send: (messages, options) =>
      perform(
        access,
        (unit) => {
          for (const message of messages) send(unit, message);
          return messages.map((message) => message.key);
        },
        options?.within ?? null,
      ),
  };
}

async function runStep(access: Access, options: StepOptions<MemoryTransaction>, program: Program): Promise<StepReport> {
  try {
    return await perform(access, (unit) => step(unit, options, program), options.within ?? null);
  } catch (thrown) {
    if (thrown instanceof GivenUp) return thrown.report;
    throw thrown;
  }
}

interface Asked {
  readonly id: JobId;
  readonly generation: GenerationId;
  readonly under: Address | undefined;
}

function passesOf(unit: Unit, { id, generation, under }: Asked): readonly PassRecord[] {
  if (liveJob(unit, id)?.generation !== generation) return [];
  const passes = [...unit.tables.passes.group("job", id)];
  return passes
    .filter((pass) => under === undefined || isWithin(pass.address, under))
    .sort((a, b) => a.startedAt - b.startedAt || order(a.activity, b.activity) || order(a.address, b.address));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
