import { readFileSync } from "node:fs";
import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { Client } from "pg";
import { afterEach, expect, inject, test, vi } from "vitest";
import { HotMesh } from "../index.js";
import { recordTraces } from "../testing/traces.suite.js";

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const guide = read("docs/telemetry.md");
const appId = `shop-${process.pid}`;

const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, code = ""]) => code);

/** The activity that the guide shows, between others. */
const document = `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: order.placed
      activities:
        order: { type: trigger }
${(blocks("yaml")[0] ?? "").replaceAll(/^/gm, "        ").trimEnd()}
        send: { type: await, topic: parcel.wanted }
      transitions: { order: [ { to: charge } ], charge: [ { to: send } ] }
    - subscribes: parcel.wanted
      activities:
        parcel: { type: trigger }
        pack: { type: worker, topic: parcel.pack }
      transitions: { parcel: [ { to: pack } ] }
`;

afterEach(async () => {
  await HotMesh.stop();
  trace.disable();
  const sql = new Client({ connectionString: inject("postgresUrl") });
  await sql.connect();
  await sql.query(`drop schema if exists "${appId}" cascade`);
  await sql.end();
});

/** Spans below one another, as the guide writes them. */
function tree(spans: readonly ReadableSpan[], parent: string | undefined = undefined, indent = ""): string {
  return spans
    .filter((span) => span.parentSpanContext?.spanId === parent)
    .map((span) => `${indent}${span.name}\n${tree(spans, span.spanContext().spanId, `${indent}  `)}`)
    .join("");
}

test("the guide to traces does what it says", async () => {
  const recorder = recordTraces();
  trace.disable();
  const exporter = new InMemorySpanExporter();
  const connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
  const [setUp, place, ...others] = blocks("js");
  expect(others).toEqual([]);
  const shop = { trace, BasicTracerProvider, SimpleSpanProcessor, exporter };
  new Function(...Object.keys(shop), setUp ?? "")(...Object.values(shop));
  const charge = async () => {
    trace.getTracer("http").startSpan("POST /charges").end();
    return { data: { risk: "low" } };
  };
  const workers = [
    { topic: "card.charge", connection, callback: charge },
    { topic: "parcel.pack", connection, callback: async () => ({ data: {} }) },
  ];
  const mesh = await HotMesh.init({ appId, logLevel: "silent", engine: { connection }, workers });
  await mesh.deploy(document);
  await mesh.activate("1", 20);

  const id = await new Function("trace", "mesh", `return (async () => { ${place} return jobId; })()`)(trace, mesh);

  const [expected = ""] = blocks("text");
  const spans = () => exporter.getFinishedSpans();
  await vi.waitFor(() => expect(spans()).toHaveLength(expected.trimEnd().split("\n").length));
  expect(tree(spans())).toBe(expected.replaceAll("/shop/", `/${appId}/`));
  expect(spans().find(({ name }) => name.startsWith("WORKER") && name.endsWith("charge/2"))?.attributes).toMatchObject({
    "app.activity.data.total": 12,
    "app.activity.data.risk": "low",
  });
  expect((await mesh.getState("order.placed", id)).metadata).toMatchObject({ trc: spans()[0]?.spanContext().traceId });
  await recorder.stop();
});

test("the guide to settings names every variable that is read, and no other", () => {
  const names = (text: string): Set<string> => new Set(text.match(/\b(?:HMSH|HOTMESH)_[A-Z_]*[A-Z]\b/g));
  const [table = ""] = read("docs/settings.md").split("\nThese may be set");
  const readers = [read("packages/sdk/src/environment.ts"), read("packages/store-postgres/src/environment.ts")].join();
  const duress = [...readers.matchAll(/of\("([A-Z_]+)"/g)].map(([, name]) => `HMSH_DURESS_${name}`);

  expect([...names(table)].sort()).toEqual([...new Set([...names(readers), ...duress])].sort());
});
