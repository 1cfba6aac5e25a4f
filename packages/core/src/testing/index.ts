/**
 * A backend in memory, a clock that a test moves, scenarios, and a simulator for apps and their callbacks.
 *
 * @module @hotmesh/core/testing
 */

export type { Control, OpenPass } from "../job/control.js";
export { decodeControl, encodeControl } from "../job/control-codec.js";
export { waitOf } from "../job/escalation.js";
export { BackendHost, type BackendHostOptions } from "./backend-host.js";
export { type MemoryBackend, type MemoryBackendOptions, memoryBackend } from "./memory/backend.js";
export { type DatabaseContents, MemoryDatabase } from "./memory/database.js";
export type { Faults, Guard } from "./memory/faults.js";
export type { AttemptRow, KeptSignal, MessageRow } from "./memory/tables.js";
export { MemoryTransaction } from "./memory/transaction.js";
export { type Prng, prng } from "./prng.js";
export { PureHost, type PureHostOptions } from "./pure-host.js";
export {
  type Finding,
  playScenario,
  type Scenario,
  type ScenarioHost,
  type ScenarioItem,
  scenariosOf,
  workerAnswer,
} from "./scenario.js";
export { CrashUnsafeError } from "./simulation/counter-example.js";
export type { CrashSafety, CrashSafetyOptions, CrashSafetyRun } from "./simulation/crash-safety.js";
export { assertCrashSafe } from "./simulation/crash-safety.js";
export { simulate } from "./simulation/simulate.js";
export type {
  SimulatedCall,
  SimulatedExecution,
  SimulatedInterruption,
  SimulatedJob,
  SimulatedSignal,
  SimulatedStart,
  SimulatedWorker,
  Simulation,
  SimulationOptions,
} from "./simulation/simulation.js";
export { TestClock } from "./test-clock.js";
