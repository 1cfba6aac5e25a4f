export { Activations } from "./activations.js";
export { type DuressLevel, type DuressOptions, type DuressReport, defaultDuress } from "./duress.js";
export { Engine } from "./engine.js";
export type { EngineActivity, EngineHandoff, EngineOptions } from "./engine-options.js";
export { PlanCache } from "./plan-cache.js";
export { type StartedJob, type StartJob, type StartPorts, startJob } from "./start-job.js";
export { eventError, startError } from "./verdict-error.js";
