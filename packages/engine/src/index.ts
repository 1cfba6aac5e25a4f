export { Activations } from "./activations.js";
export { Engine, type EngineActivity, type EngineHandoff, type EngineOptions } from "./engine.js";
export { PlanCache } from "./plan-cache.js";
export { type StartedJob, type StartJob, type StartPorts, startJob } from "./start-job.js";
export { eventError, startError } from "./verdict-error.js";
