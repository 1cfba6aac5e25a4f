import { type Clock, type Store, timeText } from "@hotmesh/core";
import type { Engine } from "@hotmesh/engine";
import type { Member, QuorumProfile } from "@hotmesh/quorum";
import type { Worker } from "@hotmesh/worker";

export interface MemberOptions {
  readonly namespace: string;
  readonly appId: string;
  readonly guid: string;
  readonly clock: Clock;
  readonly store: Pick<Store, "depth">;
}

/** An engine as a member of the quorum. */
export function engineMember(engine: Engine<object>, options: MemberOptions): Member {
  const inited = timeText(options.clock.now());
  return {
    role: "engine",
    topic: null,
    wake: () => engine.wake(),
    nocache: (until) => engine.activations.nocache(until),
    profile: async () => {
      const { inFlight, errorCount } = engine.activity;
      const version = engine.activations.known?.version;
      return {
        ...(await common(options, null, inited)),
        error_count: errorCount,
        concurrency: engine.concurrency,
        in_flight: inFlight,
        ...(version !== undefined && { version }),
      };
    },
  };
}

/** A worker entry as a member of the quorum. */
export function workerMember(worker: Worker, options: MemberOptions): Member {
  const inited = timeText(options.clock.now());
  return {
    role: "worker",
    topic: worker.topic,
    wake: () => worker.wake(),
    profile: async () => {
      const { inFlight, counts, errorCount } = worker.activity;
      return {
        ...(await common(options, worker.topic, inited)),
        worker_topic: worker.topic,
        counts: { ...counts },
        error_count: errorCount,
        concurrency: worker.concurrency,
        in_flight: inFlight,
      };
    },
  };
}

async function common(options: MemberOptions, topic: string | null, inited: string): Promise<QuorumProfile> {
  const { namespace, appId, guid, clock, store } = options;
  return {
    namespace,
    app_id: appId,
    engine_id: guid,
    stream: `${namespace}:${appId}:x:${topic ?? ""}`,
    stream_depth: await store.depth(topic),
    inited,
    timestamp: timeText(clock.now()),
    throttle: 0,
  };
}
