import type { RetryConfig } from "../retry-config.js";

/** How the activities of a proxy are called. */
export interface ActivityConfig {
  /** Made known to the activity workers of this process. */
  activities?: object;
  /** `<task queue>-activity` is where they are executed; that of the workflow unless given. */
  taskQueue?: string;
  /** That of the workflow unless given. */
  retry?: RetryConfig;
  /** How long one execution may take. */
  startToCloseTimeout?: string;
  /** What `activity.getContext().headers` has. */
  headers?: Record<string, unknown>;
  /** Without effect. */
  expire?: number;
}
