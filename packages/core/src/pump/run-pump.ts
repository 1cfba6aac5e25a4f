import type { Cancel, Clock } from "../ports/clock.js";
import type { Pump } from "../ports/pump.js";
import type { Alarm } from "./alarm.js";

/** Ticks until cancelled; sleeps between ticks until the next one is due or the alarm rings. */
export async function runPump(pump: Pick<Pump, "tick">, alarm: Alarm, options: PumpOptions): Promise<void> {
  while (!options.cancel.cancelled) {
    const { worked, nextAt } = await pump.tick();
    if (!worked) await alarm.wait(options.clock, nextAt, options.cancel);
  }
}

/** How a pump sleeps, and what ends it. */
export interface PumpOptions {
  readonly clock: Clock;
  readonly cancel: Cancel;
}
