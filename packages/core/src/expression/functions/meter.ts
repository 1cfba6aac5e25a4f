/** The work that an evaluation may still do, in units of about a nanosecond. */
export interface Meter {
  readonly max: number;
  left: number;
}

// A variable of the module, because conversions deep inside other functions spend too. It is only ever set while an
// evaluation runs, and an evaluation is synchronous. Functions that are called on their own are not metered.
let running: Meter | null = null;

/** Runs an evaluation on a meter; another evaluation inside it has its own. */
export function metered<T>(meter: Meter, evaluation: () => T): T {
  const outer = running;
  running = meter;
  try {
    return evaluation();
  } finally {
    running = outer;
  }
}

/** Counts work; throws when the evaluation has done too much. */
export function spend(work: number): void {
  if (running === null) return;
  running.left -= work;
  if (running.left < 0) {
    throw new RangeError(`an evaluation is limited to ${running.max} units of work`);
  }
}
