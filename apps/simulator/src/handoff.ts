import type { Handoff, Lease } from "@hotmesh/core";
import type { EngineHandoff } from "@hotmesh/engine";
import type { Worker } from "@hotmesh/worker";

/** Work that a step writes goes straight to the workers of its process; each of them has a topic of its own. */
export function handoffTo(workers: readonly Worker[]): EngineHandoff {
  const reserved = new WeakMap<Handoff, ReadonlyMap<Worker, number>>();
  return {
    offer: () => {
      const slots = new Map(workers.map((worker) => [worker, worker.reserve()]));
      const free = [...slots].filter(([, count]) => count > 0);
      if (free.length === 0) return null;
      const offered: Handoff = {
        slots: new Map(free.map(([worker, count]) => [worker.topic, count])),
        leaseMs: Math.min(...workers.map((worker) => worker.leaseMs)),
      };
      reserved.set(offered, slots);
      return offered;
    },
    deliver: (leases: readonly Lease[], offered: Handoff) => {
      for (const [worker, count] of reserved.get(offered) ?? []) {
        worker.accept(
          leases.filter((lease) => lease.topic === worker.topic),
          count,
        );
      }
    },
  };
}
