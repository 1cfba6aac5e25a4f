import { SimulatedMesh } from "./simulated-mesh.js";
import type { Simulation, SimulationOptions } from "./simulation.js";

/**
 * Runs an app in memory, with the interpreter and the callbacks of a real mesh and a clock that jumps from one event to
 * the next, so that a year of timers takes no time. It ends when nothing can happen any more. Like the compiler it
 * needs the packages `yaml` and `ajv`, which the sdk brings along.
 */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  return await SimulatedMesh.play(options);
}
