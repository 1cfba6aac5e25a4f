/**
 * The promises of the ports, as tests of an adapter.
 *
 * @module @hotmesh/core/testing/laws
 */

export { broadcastConformance } from "./broadcast.suite.js";
export { backendConformance, type Conformance, laws, prove } from "./conformance.js";
export type { Bench, Law, LawBackend, Need } from "./law.js";
export { requestConformance } from "./request.suite.js";
export {
  pureScenarios,
  type ScenarioBackend,
  type ScenarioFile,
  scenarioConformance,
} from "./scenario-conformance.js";
