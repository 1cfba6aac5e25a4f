/** Load of the machine a member runs on. */
export interface SystemHealth {
  /** `23.54 GB`. */
  TotalMemoryGB: string;
  /** `11.02 GB`. */
  FreeMemoryGB: string;
  /** `12.52 GB`. */
  UsedMemoryGB: string;
  /** One per core, `{ "CPU 0": "12.5%" }`: the share it was busy since the previous sample. */
  CPULoad: { [cpu: string]: string }[];
  /** One per interface; empty only where the system gives no counters. */
  NetworkStats: NetworkStat[];
}

/** Traffic of one network interface. */
export interface NetworkStat {
  /** Its name. */
  iface: string;
  /** `up`, `down` or what else the system says. */
  operstate: string;
  /** Received since the system started. */
  rx_bytes: number;
  /** Packets. */
  rx_dropped: number;
  /** Packets. */
  rx_errors: number;
  /** Sent since the system started. */
  tx_bytes: number;
  /** Packets. */
  tx_dropped: number;
  /** Packets. */
  tx_errors: number;
  /** Bytes per second over the last `ms`. */
  rx_sec: number;
  /** Bytes per second over the last `ms`. */
  tx_sec: number;
  /** Milliseconds since the previous sample. */
  ms: number;
}

/** What a member tells of itself when it is asked. */
export interface QuorumProfile {
  /** Of the app. */
  namespace: string;
  /** The app. */
  app_id: string;
  /** Guid of the instance, for workers too. */
  engine_id: string;
  /** Workers only. */
  worker_topic?: string;
  /** Name of the stream it reads: `<namespace>:<app>:x:`, of workers with their topic. */
  stream?: string;
  /** Messages of that stream not yet consumed. */
  stream_depth?: number;
  /** Messages handled since the start, by code. */
  counts?: { [code: string]: number };
  /** Errors in a row while claiming. */
  error_count?: number;
  /** When it was made: `YYYYMMDDHHmmss.SSS`, UTC. */
  inited?: string;
  /** When this was told: `YYYYMMDDHHmmss.SSS`, UTC. */
  timestamp?: string;
  /** Milliseconds between two messages that it obeys; 0: none, -1: a pause. */
  throttle?: number;
  /** Most steps, or callbacks, at once. */
  concurrency?: number;
  /** Those that run now. */
  in_flight?: number;
  /** The active version as it knows it. */
  version?: string;
  /** As in the configuration; without effect. */
  reclaimDelay?: number;
  /** As in the configuration; without effect. */
  reclaimCount?: number;
  /** Engines only. */
  is_scout?: boolean;
  /** Engines only: `healthy`, `mild`, `moderate` or `severe`. */
  duress_level?: string;
  /** Engines only: the largest of `duress_per_type`. */
  duress_score_ms?: number;
  /** Engines only: milliseconds that messages took of late, by their type. */
  duress_per_type?: { [type: string]: number };
  /** Source text of the callback, for a roll call that asks for it. */
  signature?: string;
  /** The machine it runs on. */
  system?: SystemHealth;
}
