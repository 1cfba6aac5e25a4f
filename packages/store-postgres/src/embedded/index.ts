export { type Account, accountForPostgres } from "./account.js";
export { makeScratch } from "./folder.js";
export { freePort } from "./free-port.js";
export { type Ending, type Guard, type Run, type Running, startGuard } from "./guard.js";
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from "./start-embedded.js";
