import type { Instant } from "../../brand.js";
import type { Activation, CounterChange, HookRecord, JobRecord, PassRecord, Publication } from "../../ports/records.js";
import type { EscalationState } from "../../ports/store.js";
import type { Hub } from "./hub.js";
import { Locks } from "./locks.js";
import { MemoryRegistry } from "./registry.js";
import { type AttemptRow, emptyTables, type KeptSignal, type MessageRow, type Tables } from "./tables.js";

/** Everything a database holds, for assertions. Frozen rows. */
export interface DatabaseContents {
  readonly jobs: readonly JobRecord[];
  readonly passes: readonly PassRecord[];
  readonly messages: readonly MessageRow[];
  readonly attempts: readonly AttemptRow[];
  readonly hooks: readonly HookRecord[];
  readonly signals: readonly KeptSignal[];
  readonly counters: readonly CounterChange[];
  readonly escalations: readonly EscalationState[];
  readonly activation: Activation | null;
}

/** What the backends of several processes share. */
export class MemoryDatabase {
  /** @internal */
  readonly tables: Tables = emptyTables();
  /** @internal */
  readonly locks = new Locks();
  /** @internal */
  readonly hubs = new Set<Hub>();
  /** @internal */
  readonly registry = new MemoryRegistry();
  #sequence = 0;

  /** A number nobody got before, also when what it was for is rolled back. @internal */
  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Tells all processes. @internal */
  announce(publications: readonly Publication[], from: Hub): void {
    for (const publication of publications) {
      const heard = from.hearLocally(publication);
      if (publication.exclusive === true && heard) continue;
      if (from.faults.losesPublication?.(publication, false) === true) continue;
      for (const hub of this.hubs) if (hub !== from) hub.hear(publication);
    }
  }

  /** What is committed, expired rows included. */
  contents(): DatabaseContents {
    const { jobs, passes, messages, attempts, hooks, signals, counters, escalations, activation } = this.tables;
    return {
      jobs: jobs.all(),
      passes: passes.all(),
      messages: messages.all(),
      attempts: attempts.all(),
      hooks: hooks.all(),
      signals: signals.all(),
      counters: summed(counters.all().map(({ change }) => change)),
      escalations: escalations.all().map(({ item }) => item),
      activation: activation.get("active") ?? null,
    };
  }
}

/** A job that is not found any more, though its row is still there. */
export function isExpired(job: { readonly expireAt: Instant | null }, now: Instant): boolean {
  return job.expireAt !== null && job.expireAt <= now;
}

/** What the changes of each counter come to. */
export function summed(changes: readonly CounterChange[]): readonly CounterChange[] {
  const sums = new Map<string, CounterChange>();
  for (const change of changes) {
    const key = JSON.stringify([change.name, change.slice, change.field]);
    sums.set(key, { ...change, add: change.add + (sums.get(key)?.add ?? 0) });
  }
  return [...sums.values()];
}
