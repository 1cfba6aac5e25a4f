/**
 * Takes steps: claims messages, decides them, and writes what follows.
 *
 * @module @hotmesh/engine
 */

export { Activations } from "./activations.js";
export { type DuressLevel, type DuressOptions, type DuressReport, defaultDuress } from "./duress.js";
export { Engine } from "./engine.js";
export type { EngineActivity, EngineHandoff, EngineObserver, EngineOptions, MessageFlow } from "./engine-options.js";
export { PlanCache } from "./plan-cache.js";
export { type StartedJob, type StartJob, type StartPorts, startJob } from "./start-job.js";
export { eventError, mappingError, startError } from "./verdict-error.js";
