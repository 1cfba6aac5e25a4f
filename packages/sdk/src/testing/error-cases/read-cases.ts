import { GetStateError, type JobStatsInput } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

const reads: readonly ErrorCase[] = [
  {
    name: "getState of a job that is not there",
    type: GetStateError,
    kind: "job-not-found",
    message: "nobody Not Found",
    fields: { jobId: "nobody" },
    provoke: ({ mesh }) => mesh.getState("tree.plant", "nobody"),
  },
  {
    name: "getStatus of a job that is not there",
    kind: "job-not-found",
    message: "Job nobody not found",
    provoke: ({ mesh }) => mesh.getStatus("nobody"),
  },
  {
    name: "getQueryState of fields that are no list",
    kind: "invalid-argument",
    message: "The names of fields are object; expected a list of texts",
    provoke: ({ mesh }) => mesh.getQueryState("nobody", Object(":")),
  },
];

function asked(message: string, query: object): ErrorCase {
  const provoke = ({ mesh }: ErrorScene) => mesh.getStats("fruit.weigh", query as JobStatsInput);
  return { name: `getStats: ${message.slice(0, 80)}`, kind: "invalid-argument", message, provoke };
}

const hint = "two of them make a range";
const statistics: readonly ErrorCase[] = [
  {
    name: "getStats when the expression of the key throws",
    kind: "mapping-failed",
    message: /\(at (labelled\.)?stats\.key\["@pipe"\]\[1\]\)$/,
    provoke: ({ mesh }) => mesh.getStats("fruit.label", { data: {}, range: "1h", end: "NOW" }),
  },
  asked(`Invalid combination of start, end, and range values: start absent, end absent, range 1h; ${hint}`, {
    data: {},
    range: "1h",
  }),
  asked(
    `Invalid combination of start, end, and range values: start 2026-01-02, end 2026-01-01, range absent; ${hint}`,
    { data: {}, start: "2026-01-02", end: "2026-01-01" },
  ),
  asked("Invalid range value. 3w was found; expected a length like 90m, 2h or 1d", {
    data: {},
    range: "3w",
    end: "NOW",
  }),
  asked("Invalid range value. It is number; expected text", { data: {}, range: 60, end: "NOW" }),
  asked("Invalid start value. monday is no ISO 8601 time", { data: {}, start: "monday", end: "NOW" }),
  asked("the data of the query for topic fruit.weigh is a list; expected a map", { data: [], range: "1h", end: "NOW" }),
  {
    name: "resolveQuery of a topic that no graph has",
    kind: "topic-not-found",
    message: "no subscription found for topic tree.fell in app APP for app version 1",
    provoke: ({ mesh }) => mesh.resolveQuery("tree.fell", { data: {}, range: "1h", end: "NOW" }),
  },
];

export const readCases: readonly ErrorCase[] = [...reads, ...statistics];
