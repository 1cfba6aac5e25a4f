import { type Clock, type Store, timeText } from "@hotmesh/core";
import type { Engine } from "@hotmesh/engine";
import type { Attendant, Member, QuorumProfile } from "@hotmesh/quorum";
import type { Worker, WorkerCallback } from "@hotmesh/worker";
import type { ConnectedConfig } from "./config.js";
import { streamName } from "./key-store.js";
import type { SystemHealthReader } from "./system-health.js";

/** What all members of an instance have in common. */
export interface Instance {
  readonly namespace: string;
  readonly appId: string;
  readonly guid: string;
  readonly clock: Clock;
  readonly health: Pick<SystemHealthReader, "read">;
  /** Reads what is to be obeyed. */
  readonly reread: () => void;
  /** The active version as this instance knows it. */
  readonly version: () => string | null;
}

export interface MemberOptions {
  readonly instance: Instance;
  readonly store: Pick<Store, "depth">;
  readonly config: ConnectedConfig;
}

/** An engine as a member of the quorum. */
export function engineMember(engine: Engine<object>, options: MemberOptions): Member {
  const inited = timeText(options.instance.clock.now());
  return {
    role: "engine",
    topic: null,
    wake: () => engine.wake(),
    reread: options.instance.reread,
    nocache: (until) => engine.activations.nocache(until),
    profile: async () => {
      const { inFlight, counts, errorCount, duress, averages } = engine.activity;
      return {
        ...(await common(options, { topic: null, inited })),
        counts: { ...counts },
        error_count: errorCount,
        throttle: engine.rate,
        concurrency: engine.concurrency,
        in_flight: inFlight,
        // Every engine that claims looks for what is due, timers included.
        is_scout: !engine.readonly,
        duress_level: duress.level,
        duress_score_ms: duress.scoreMs,
        duress_per_type: { ...averages },
      };
    },
  };
}

/** A worker entry as a member of the quorum. */
export function workerMember(worker: Worker, options: MemberOptions & { readonly callback: WorkerCallback }): Member {
  const inited = timeText(options.instance.clock.now());
  return {
    role: "worker",
    topic: worker.topic,
    wake: () => worker.wake(),
    reread: options.instance.reread,
    profile: async ({ signature }) => {
      const { inFlight, counts, errorCount } = worker.activity;
      return {
        ...(await common(options, { topic: worker.topic, inited })),
        worker_topic: worker.topic,
        counts: { ...counts },
        error_count: errorCount,
        throttle: worker.rate,
        concurrency: worker.concurrency,
        in_flight: inFlight,
        ...(signature && { signature: String(options.callback) }),
      };
    },
  };
}

/** An engine or a worker as the registry knows it. */
export function attendant(member: Engine<object> | Worker, { guid, version }: Instance): Attendant {
  const topic = "topic" in member ? member.topic : null;
  return {
    record: () => ({ guid, role: topic === null ? "engine" : "worker", topic, version: version() }),
    throttle: (ms) => member.throttle(ms),
  };
}

async function common(
  { instance, store, config }: MemberOptions,
  { topic, inited }: { readonly topic: string | null; readonly inited: string },
): Promise<QuorumProfile> {
  const { namespace, appId, guid, clock, health } = instance;
  const version = instance.version();
  const [depth, system] = await Promise.all([store.depth(topic), health.read()]);
  return {
    namespace,
    app_id: appId,
    engine_id: guid,
    stream: streamName(namespace, appId, topic),
    stream_depth: depth,
    inited,
    timestamp: timeText(clock.now()),
    ...(version !== null && { version }),
    reclaimDelay: config.reclaimDelay ?? 60_000,
    reclaimCount: config.reclaimCount ?? 3,
    system,
  };
}
