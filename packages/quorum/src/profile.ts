/** Load of the machine a member runs on. */
export interface SystemHealth {
  TotalMemoryGB: string;
  FreeMemoryGB: string;
  UsedMemoryGB: string;
  CPULoad: { [cpu: string]: string }[];
  NetworkStats: NetworkStat[];
}

export interface NetworkStat {
  iface: string;
  operstate: string;
  rx_bytes: number;
  rx_dropped: number;
  rx_errors: number;
  tx_bytes: number;
  tx_dropped: number;
  tx_errors: number;
  rx_sec: number;
  tx_sec: number;
  ms: number;
}

/** What a member tells of itself when it is asked (runtime.md 3.3). */
export interface QuorumProfile {
  namespace: string;
  app_id: string;
  /** Guid of the instance, for workers too. */
  engine_id: string;
  /** Workers only. */
  worker_topic?: string;
  stream?: string;
  /** Messages of that stream not yet consumed. */
  stream_depth?: number;
  /** Messages handled since the start, by code. */
  counts?: { [code: string]: number };
  /** Errors in a row while claiming. */
  error_count?: number;
  inited?: string;
  timestamp?: string;
  throttle?: number;
  concurrency?: number;
  in_flight?: number;
  version?: string;
  reclaimDelay?: number;
  reclaimCount?: number;
  is_scout?: boolean;
  duress_level?: string;
  duress_score_ms?: number;
  duress_per_type?: { [type: string]: number };
  signature?: string;
  system?: SystemHealth;
}
