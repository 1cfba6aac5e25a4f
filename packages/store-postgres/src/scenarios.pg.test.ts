import { readdirSync, readFileSync } from "node:fs";
import { scenarioConformance } from "@hotmesh/core/testing/laws";
import { openHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";

const shared = new URL("../../core/src/testing/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, shared), "utf8");

for (const name of readdirSync(new URL("scenarios/", shared)).filter((file) => file.endsWith(".yaml"))) {
  const file = { name, text: read(`scenarios/${name}`), document: read };
  scenarioConformance(file, { name: "Postgres", open: () => openHarness(postgresUrl()) });
}
