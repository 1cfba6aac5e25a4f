import { EscalationsClient } from "./client.js";
import { shutdown } from "./source.js";

/** Work items for people: `new Escalations.Client({ connection })`, and `Escalations.shutdown()` when it is over. */
export const Escalations = { Client: EscalationsClient, shutdown } as const;
