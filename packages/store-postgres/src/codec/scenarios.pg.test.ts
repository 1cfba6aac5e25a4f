import { readdirSync, readFileSync } from "node:fs";
import { scenarioConformance } from "@hotmesh/core/testing/laws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresUrl } from "../testing/postgres-url.js";
import { UsedApps } from "../testing/used-apps.js";
import { registerCodec } from "./codec.js";

const shared = new URL("../../../core/src/testing/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, shared), "utf8");

const apps = new UsedApps(postgresUrl());
afterAll(() => apps.end());

const used = { encode: 0, decode: 0 };

// Base64 leaves nothing of a value that SQL or a reader could take for JSON.
beforeAll(() =>
  registerCodec({
    encode: (json) => {
      used.encode += 1;
      return Buffer.from(json, "utf8").toString("base64");
    },
    decode: (text) => {
      used.decode += 1;
      return Buffer.from(text, "base64").toString("utf8");
    },
  }),
);
afterAll(() => registerCodec(null));

for (const name of readdirSync(new URL("scenarios/", shared)).filter((file) => file.endsWith(".yaml"))) {
  const file = { name, text: read(`scenarios/${name}`), document: read };
  scenarioConformance(file, { name: "Postgres with a codec", open: () => apps.open() });
}

test("the scenarios have stored and read encoded values", () => {
  expect(Math.min(used.encode, used.decode)).toBeGreaterThan(100);
});
