import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HotMesh } from "../hotmesh.js";
import { type Callback, openYard } from "../testing/traced-yard.js";
import { type Recorder, recordTraces } from "../testing/traces.suite.js";

let recorder: Recorder;
beforeEach(() => {
  recorder = recordTraces();
});
afterEach(async () => {
  await HotMesh.stop();
  await recorder.stop();
});

const named = (name: string): readonly ReadableSpan[] => recorder.spans().filter((span) => span.name === name);

describe("the caller's trace", () => {
  const trc = "0af7651916cd43dd8448eb211c80319c";
  const spn = "b7ad6b7169203331";

  test("a job goes on with the trace and the span that its context names", async () => {
    const { mesh, build } = await openYard();

    await build({}, { metadata: { trc, spn } });

    const [first] = named("TRIGGER/yard/order/1");
    expect([first?.spanContext().traceId, first?.parentSpanContext?.spanId]).toEqual([trc, spn]);
    expect((await mesh.getState("boat.built", "b1")).metadata).toMatchObject({ trc });
  });

  test("a trace may be named without a span", async () => {
    const { build } = await openYard();

    await build({}, { metadata: { trc } });

    expect(new Set(recorder.spans().map((span) => span.spanContext().traceId))).toEqual(new Set([trc]));
  });

  test("zeros name nothing", async () => {
    const { build } = await openYard();

    await build({}, { metadata: { trc: "0".repeat(32), spn: "0".repeat(16) } });

    expect(recorder.tree()[0]).toEqual(["TRIGGER/yard/order/1", "-"]);
  });

  test("a caller inside a span is the parent, unless the context says otherwise", async () => {
    const { mesh } = await openYard();
    const span = trace.getTracer("mine").startSpan("request");

    await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
      await mesh.pub("crew.hired");
      await mesh.pub("crew.hired", {}, { metadata: { trc, spn } });
    });

    const parents = named("TRIGGER/yard/call/1").map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(parents).toEqual([span.spanContext().spanId, spn]);
  });

  test("a trace that nobody records has ids and no spans", async () => {
    await recorder.stop();
    recorder = recordTraces({ sampler: new AlwaysOffSampler() });
    let seen: Record<string, unknown> = {};
    const keel: Callback = async ({ metadata }) => {
      seen = { ...metadata };
      return { data: {} };
    };
    const { mesh, build } = await openYard({ keel });

    await build();

    const { metadata } = await mesh.getState("boat.built", "b1");
    expect(metadata["trc"]).toMatch(/^[0-9a-f]{32}$/);
    expect(seen).toMatchObject({ trc: metadata["trc"], spn: expect.stringMatching(/^(?!0{16})[0-9a-f]{16}$/) });
    expect(recorder.spans()).toEqual([]);
  });
});

describe("without a provider", () => {
  beforeEach(() => recorder.stop());

  test("a job has no trace, and nothing of it is stored", async () => {
    let seen: Record<string, unknown> = {};
    const keel: Callback = async ({ metadata }) => {
      seen = { ...metadata };
      return { data: {} };
    };
    const { mesh, build } = await openYard({ keel });

    await build();

    const { metadata } = await mesh.getState("boat.built", "b1");
    expect(metadata).not.toHaveProperty("trc");
    expect(JSON.stringify(await mesh.export("b1"))).not.toMatch(/"(trc|l1s|l2s)"/);
    expect(seen).toMatchObject({ trc: "0".repeat(32), spn: "0".repeat(16) });
  });

  test("the trace that the caller gives is handed on", async () => {
    const given = { trc: "0af7651916cd43dd8448eb211c80319c", spn: "b7ad6b7169203331" };
    let seen: Record<string, unknown> = {};
    const hire: Callback = async ({ metadata }) => {
      seen = { ...metadata };
      return { data: {} };
    };
    const { mesh, build } = await openYard({ hire });

    await build({}, { metadata: given });

    expect((await mesh.getState("boat.built", "b1")).metadata).toMatchObject({ trc: given.trc });
    expect(seen).toMatchObject(given);
    expect(JSON.stringify(await mesh.export("b1"))).not.toMatch(/"(l1s|l2s)"/);
  });

  test("what a job calls its trace may be anything", async () => {
    const { mesh, build } = await openYard();

    await build({}, { metadata: { trc: "mine" } });

    expect((await mesh.getState("boat.built", "b1")).metadata).toMatchObject({ trc: "mine" });
  });
});
