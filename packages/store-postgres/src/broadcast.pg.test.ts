import { broadcastConformance } from "@hotmesh/core/testing/laws";
import { openHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";

broadcastConformance({ name: "Postgres", open: () => openHarness(postgresUrl()) });
