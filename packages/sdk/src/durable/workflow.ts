import { Entity } from "./entity.js";
import { storedObject, workflowFunctions } from "./replay/index.js";
import { Search } from "./search.js";

/** What workflow functions, hook functions, and the interceptors of both call. */
export const workflow = {
  ...workflowFunctions,

  /** Flat data on the job, shared by all of its functions. Takes one value of the counter. */
  async search(): Promise<Search> {
    return new Search(storedObject("search"));
  },

  /** The JSON document of the job, shared by all of its functions. Takes one value of the counter. */
  async entity<Document extends object = Record<string, unknown>>(): Promise<Entity<Document>> {
    return new Entity<Document>(storedObject("entity"));
  },
} as const;
