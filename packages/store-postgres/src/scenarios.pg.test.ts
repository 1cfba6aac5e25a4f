import { readdirSync, readFileSync } from "node:fs";
import { scenarioConformance } from "@hotmesh/core/testing/laws";
import { afterAll } from "vitest";
import { postgresUrl } from "./testing/postgres-url.js";
import { UsedApps } from "./testing/used-apps.js";

const shared = new URL("../../core/src/testing/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, shared), "utf8");

const apps = new UsedApps(postgresUrl());
afterAll(() => apps.end());

for (const name of readdirSync(new URL("scenarios/", shared)).filter((file) => file.endsWith(".yaml"))) {
  const file = { name, text: read(`scenarios/${name}`), document: read };
  scenarioConformance(file, { name: "Postgres", open: () => apps.open() });
}
