import { requestConformance } from "@hotmesh/core/testing/laws";
import { openHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";

requestConformance({ name: "Postgres", open: () => openHarness(postgresUrl()) });
