import type { Handoff, Lease } from "@hotmesh/core";
import type { EngineHandoff } from "@hotmesh/engine";
import type { Worker } from "@hotmesh/worker";

type Reservable = Pick<Worker, "topic" | "leaseMs" | "reserve" | "accept">;

interface Reservation {
  readonly worker: Reservable;
  readonly slots: number;
}

/** Joins an engine with the workers of its process: a step's work goes straight to free slots, already leased. */
export function handoffTo(workers: readonly Reservable[]): EngineHandoff {
  const reservations = new WeakMap<Handoff, readonly Reservation[]>();
  return {
    offer: () => {
      const reserved = workers.map((worker) => ({ worker, slots: worker.reserve() })).filter(({ slots }) => slots > 0);
      if (reserved.length === 0) return null;
      const slots = new Map<string, number>();
      for (const { worker, slots: free } of reserved) slots.set(worker.topic, (slots.get(worker.topic) ?? 0) + free);
      const offered = { slots, leaseMs: Math.min(...reserved.map(({ worker }) => worker.leaseMs)) };
      reservations.set(offered, reserved);
      return offered;
    },
    deliver: (leases, offered) => {
      const left = new Map<string | null, Lease[]>();
      for (const lease of leases) left.set(lease.topic, [...(left.get(lease.topic) ?? []), lease]);
      for (const { worker, slots } of reservations.get(offered) ?? []) {
        worker.accept(left.get(worker.topic)?.splice(0, slots) ?? [], slots);
      }
    },
  };
}
