import type { Instant } from "../brand.js";
import type { Cancel } from "./clock.js";

/** A loop whose unit of work is one tick: production runs it, the simulator ticks it. */
export interface Pump {
  /** One round. `worked`: there may be more at once; `nextAt`: when to look again without a hint. */
  tick(): Promise<{ readonly worked: boolean; readonly nextAt: Instant | null }>;
  /** Ticks until cancelled; resolves when the last tick has ended. */
  run(cancel: Cancel): Promise<void>;
}
