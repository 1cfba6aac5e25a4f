import { type CounterExample, CrashUnsafeError } from "./counter-example.js";
import { type Fault, faultsOf } from "./fault.js";
import { plainOf } from "./plain-value.js";
import { SimulatedMesh } from "./simulated-mesh.js";
import type { SimulatedJob, Simulation, SimulationOptions } from "./simulation.js";

/** A run that must come to the same whatever dies in it. */
export interface CrashSafetyRun extends SimulationOptions {
  /**
   * What the callbacks have done to the world, when the run is over: it must be the same as without the crash. The
   * order of a list counts, that of a Set or Map does not.
   */
  effects?(): unknown;
  /** What of a job must be the same; its state, its data and its failure unless given. */
  outcome?(job: SimulatedJob): unknown;
}

/** How much is tried. */
export interface CrashSafetyOptions {
  /** So many orders of who moves when, and each crash in each of them. 1 unless given. */
  readonly seeds?: number;
}

/** What was tried. */
export interface CrashSafety {
  /** Runs, those without a crash included. */
  readonly runs: number;
  /** Crashes: one in each run that has one. */
  readonly crashes: number;
}

/**
 * Plays a run once for everything that can happen at each of its boundaries: the engine dies before or after a commit,
 * a worker dies before or after its callback, a lease ends too early, an answer comes twice. Throws a
 * `CrashUnsafeError` that tells the smallest story it found, when the jobs or the effects are not those of the run
 * without a crash. `setup` is called for every run, and begins with a world of its own each time.
 */
export async function assertCrashSafe(
  setup: () => CrashSafetyRun,
  { seeds = 1 }: CrashSafetyOptions = {},
): Promise<CrashSafety> {
  let crashes = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const seeded = (): CrashSafetyRun => ({ ...setup(), seed });
    const { faults, found } = await tryAll(seeded);
    crashes += faults;
    if (found !== null) throw new CrashUnsafeError(await smallest(seeded, found));
  }
  return { runs: crashes + 2 * seeds, crashes };
}

interface Tried {
  readonly faults: number;
  readonly found: CounterExample | null;
}

async function tryAll(setup: () => CrashSafetyRun): Promise<Tried> {
  const expected = await played(setup, null);
  const repeated = await played(setup, null);
  if (expected.text !== repeated.text) {
    throw new Error(
      `two runs without a crash differ, so a crash proves nothing: ${expected.text} and ${repeated.text}; ` +
        "let `setup` make a new world for each run",
    );
  }
  const { steps, calls } = expected.simulation;
  const faults = faultsOf({ steps, calls: calls.length });
  for (const fault of faults) {
    const found = await played(setup, fault);
    if (found.text === expected.text) continue;
    return { faults: faults.length, found: { fault, expected, found } };
  }
  return { faults: faults.length, found: null };
}

async function played(setup: () => CrashSafetyRun, fault: Fault | null): Promise<CounterExample["found"]> {
  const run = setup();
  const simulation: Simulation = await SimulatedMesh.play(run, fault);
  const { outcome = outcomeOf } = run;
  const jobs = Object.fromEntries(simulation.jobs.map((job) => [`job ${job.id}`, plainOf(outcome(job))]));
  const { refused } = simulation;
  const what = {
    ...(run.effects !== undefined && { effects: plainOf(run.effects()) }),
    ...jobs,
    ...(refused.length > 0 && { refused }),
  };
  return { simulation, what, text: JSON.stringify(what) };
}

function outcomeOf({ state, data, failure, waitsFor }: SimulatedJob) {
  return { state, data, ...(failure !== null && { failure }), ...(waitsFor.length > 0 && { waitsFor }) };
}

const acts = ["start", "signals", "interruptions"] as const;

/** Leaves out what clients do, one thing after the other, as long as something still goes wrong. */
async function smallest(setup: () => CrashSafetyRun, found: CounterExample): Promise<CounterExample> {
  for (const kind of acts) {
    const count = setup()[kind]?.length ?? 0;
    for (let at = count - 1; at >= 0; at -= 1) {
      const less = (): CrashSafetyRun => {
        const run = setup();
        return { ...run, [kind]: run[kind]?.filter((_, place) => place !== at) };
      };
      const { found: smaller } = await tryAll(less);
      if (smaller !== null) return smallest(less, smaller);
    }
  }
  return found;
}
