/**
 * A backend in memory, a clock that a test moves, and scenarios.
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
export { TestClock } from "./test-clock.js";
