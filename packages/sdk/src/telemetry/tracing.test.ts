import { HotMeshError } from "@hotmesh/core";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import type { AnyBackend } from "../config.js";
import { HotMesh } from "../hotmesh.js";
import { type Callback, infoTree, openYard } from "../testing/traced-yard.js";
import { type Recorder, recordTraces } from "../testing/traces.suite.js";

let recorder: Recorder;
beforeEach(() => {
  recorder = recordTraces();
});
afterEach(async () => {
  await HotMesh.stop();
  await recorder.stop();
  vi.unstubAllEnvs();
});

const named = (name: string): readonly ReadableSpan[] => recorder.spans().filter((span) => span.name === name);
function one(name: string): ReadableSpan {
  const [span, ...others] = named(name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + 1} spans ${name}; expected one`);
  return span;
}
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;

describe("spans", () => {
  test("at the default level triggers, workers and their executions are one trace, children included", async () => {
    const { build } = await openYard();

    await build();

    expect(recorder.tree()).toEqual(infoTree);
    expect(new Set(recorder.spans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test("at level debug everything is a span", async () => {
    vi.stubEnv("HMSH_TELEMETRY", "debug");
    const { build } = await openYard();

    await build();

    const all = recorder.tree();
    expect(all.filter(([name]) => !name.startsWith("FAN"))).toEqual([
      ["TRIGGER/yard/order/1", "JOB/yard/boat.built/1"],
      ["JOB/yard/boat.built/1", "-"],
      ["WORKER/yard/keel/1", "TRIGGER/yard/order/1"],
      ["EXECUTE/yard/keel/keel.lay", "WORKER/yard/keel/1"],
      ["WORKER/yard/keel/2", "WORKER/yard/keel/1"],
      ["HOOK/yard/paint/1", "WORKER/yard/keel/2"],
      ["AWAIT/yard/crew/1", "HOOK/yard/paint/1"],
      ["TRIGGER/yard/call/1", "JOB/yard/crew.hired/1"],
      ["JOB/yard/crew.hired/1", "AWAIT/yard/crew/1"],
      ["WORKER/yard/hire/1", "TRIGGER/yard/call/1"],
      ["EXECUTE/yard/hire/crew.hire", "WORKER/yard/hire/1"],
      ["WORKER/yard/hire/2", "WORKER/yard/hire/1"],
      ["AWAIT/yard/crew/2", "AWAIT/yard/crew/1"],
    ]);
    expect(all.filter(([name]) => name.startsWith("FAN"))).toEqual([
      ["FANOUT/yard/keel/keel.lay", "WORKER/yard/keel/1"],
      ["FANIN/yard/keel/response", "WORKER/yard/keel/1"],
      ["FANOUT/yard/await", "AWAIT/yard/crew/1"],
      ["FANIN/yard/await", "AWAIT/yard/crew/1"],
      ["FANOUT/yard/hire/crew.hire", "WORKER/yard/hire/1"],
      ["FANIN/yard/hire/response", "WORKER/yard/hire/1"],
      ["FANOUT/yard/crew/result", "WORKER/yard/hire/2"],
      ["FANIN/yard/crew/result", "WORKER/yard/hire/2"],
    ]);
  });

  test("their kind is client, and their scope this package", async () => {
    const { build } = await openYard();

    await build();

    expect(new Set(recorder.spans().map(({ kind }) => kind))).toEqual(new Set([SpanKind.CLIENT]));
    const scopes = recorder.spans().map(({ instrumentationScope: { name, version } }) => `${name} ${version}`);
    expect(new Set(scopes)).toEqual(new Set([`@hotmesh/sdk ${manifest.version}`]));
  });

  test("a leg has the metadata of its job and of its activity, and the scalars of telemetry", async () => {
    const { mesh, build } = await openYard();

    await build();

    const { metadata } = await mesh.getState("boat.built", "b1");
    expect(one("WORKER/yard/keel/2").attributes).toEqual({
      "app.job.app": "yard",
      "app.job.tpc": "boat.built",
      "app.job.vrs": "1",
      "app.job.jid": "b1",
      "app.job.gid": metadata["gid"],
      "app.job.aid": "order",
      "app.job.ts": metadata["ts"],
      "app.job.jc": metadata["jc"],
      "app.job.ju": metadata["ju"],
      "app.job.js": 1,
      "app.job.state": "running",
      "app.job.ngn": "HY",
      "app.job.jss": 1,
      "app.activity.aid": "keel",
      "app.activity.atp": "worker",
      "app.activity.stp": "keel.lay",
      "app.activity.dad": ",0,0",
      "app.activity.ac": metadata["jc"],
      "app.activity.au": metadata["ju"],
      "app.activity.l1s": idOf(one("WORKER/yard/keel/1")),
      "app.activity.l2s": idOf(one("WORKER/yard/keel/2")),
      "app.activity.leg": 2,
      "app.activity.mid": expect.stringMatching(/^H/),
      "app.activity.data.laid": 3,
      "app.activity.data.note": "plain",
    });
    expect(one("TRIGGER/yard/order/1").attributes).toMatchObject({
      "app.activity.leg": 1,
      "app.activity.data.length": 9,
      "app.job.jss": 1,
    });
  });

  test("an execution has the metadata of its message", async () => {
    let seen: Record<string, unknown> = {};
    const { build } = await openYard({
      keel: async ({ metadata }) => {
        seen = { ...metadata };
        return { data: {} };
      },
    });

    await build();

    const { trc, spn, guid, ...rest } = seen;
    const span = one("EXECUTE/yard/keel/keel.lay");
    expect(span.attributes).toEqual({
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [`app.stream.${key}`, value])),
      "app.stream.guid": guid,
      "app.worker.mid": guid,
    });
    expect([trc, spn]).toEqual([span.spanContext().traceId, idOf(one("WORKER/yard/keel/1"))]);
  });

  test("what a callback traces is part of its execution", async () => {
    const { build } = await openYard({
      keel: async () => {
        await Promise.resolve();
        trace.getTracer("mine").startSpan("saw").end();
        return { data: {} };
      },
    });

    await build();

    expect(recorder.tree()).toContainEqual(["saw", "EXECUTE/yard/keel/keel.lay"]);
  });

  test("the ids are the job's trace and the activity's spans", async () => {
    const { mesh, build } = await openYard();

    await build();

    const { metadata } = await mesh.getState("boat.built", "b1");
    const { process } = await mesh.export("b1");
    expect(metadata["trc"]).toBe(one("TRIGGER/yard/order/1").spanContext().traceId);
    expect(process).toMatchObject({
      0: {
        order: { output: { metadata: { l1s: idOf(one("TRIGGER/yard/order/1")) } } },
        0: {
          keel: {
            output: {
              metadata: { l1s: idOf(one("WORKER/yard/keel/1")), l2s: idOf(one("WORKER/yard/keel/2")) },
            },
          },
        },
      },
    });
  });
});

describe("errors", () => {
  const status = (name: string) => one(name).status;

  test("a callback that throws ends its span with the message, and so does the answer", async () => {
    const keel = async (): Promise<never> => {
      throw Object.assign(new Error("no oak"), { code: 422 });
    };
    const { build } = await openYard({ keel });

    await expect(build()).rejects.toMatchObject({ code: 422 });

    const failed = { code: SpanStatusCode.ERROR, message: "no oak" };
    expect(status("EXECUTE/yard/keel/keel.lay")).toEqual(failed);
    expect(status("WORKER/yard/keel/2")).toEqual(failed);
    expect(status("WORKER/yard/keel/1")).toEqual({ code: SpanStatusCode.UNSET });
  });

  test("an answer that is an error ends the execution with its code", async () => {
    const { build } = await openYard({ keel: async () => ({ status: "error", code: 409, data: {} }) });

    await expect(build()).rejects.toMatchObject({ code: 409 });

    expect(status("EXECUTE/yard/keel/keel.lay").message).toBe("Function Status Code 409");
    expect(status("WORKER/yard/keel/2")).toEqual({ code: SpanStatusCode.ERROR, message: "unknown" });
  });

  test("an engine whose step fails tells of it", async () => {
    let broken = false;
    const through = (backend: AnyBackend): AnyBackend => ({
      ...backend,
      store: {
        ...backend.store,
        step: (options, program) => {
          if (broken) return Promise.reject(new Error("out of space"));
          return backend.store.step(options, program);
        },
      },
    });
    const { build } = await openYard({ through });
    broken = true;

    await expect(build()).rejects.toThrow("out of space");

    const [span] = named("SYSTEM/yard/engine-step-failed");
    expect([span?.status, span?.parentSpanContext]).toEqual([
      { code: SpanStatusCode.ERROR, message: "out of space" },
      undefined,
    ]);
  });

  test("a provider that throws costs spans, and no job", async () => {
    await recorder.stop();
    const refuse = (): never => {
      throw new Error("no spans today");
    };
    const processor = { onStart: refuse, onEnd: refuse, forceFlush: async () => {}, shutdown: async () => {} };
    recorder = recordTraces({ processor });
    const { build } = await openYard();

    expect((await build()).data).toEqual({ laid: 3, painted: true });
  });
});

describe("once", () => {
  test("a step that is decided twice tells once", async () => {
    const through = (backend: AnyBackend): AnyBackend => ({
      ...backend,
      store: {
        ...backend.store,
        step: (options, program) =>
          backend.store.step(options, {
            reads: (messages) => program.reads(messages),
            decide: (messages, snapshot) => {
              program.decide(messages, snapshot);
              return program.decide(messages, snapshot);
            },
          }),
      },
    });
    const { mesh, build } = await openYard({ through });

    await build();

    expect(recorder.tree()).toEqual(infoTree);
    const { process } = await mesh.export("b1");
    expect(process).toMatchObject({
      0: { order: { output: { metadata: { l1s: idOf(one(infoTree[0]?.[0] ?? "")) } } } },
    });
  });

  test("a step that commits without its engine hearing of it tells once", async () => {
    let lost = 0;
    const through = (backend: AnyBackend): AnyBackend => ({
      ...backend,
      store: {
        ...backend.store,
        step: async (options, program) => {
          const report = await backend.store.step(options, program);
          if (options.answers?.[0]?.lease.topic !== "keel.lay" || lost > 0) return report;
          lost += 1;
          throw new HotMeshError("connection-failed", "the connection is gone");
        },
      },
    });
    const { clock, build } = await openYard({ through });
    const done = build();

    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(named("WORKER/yard/hire/2")).toHaveLength(1);
    });
    await done;

    expect(lost).toBe(1);
    expect(recorder.tree().filter(([name]) => !name.startsWith("SYSTEM"))).toEqual(infoTree);
  });

  test("an answer that comes twice tells once", async () => {
    const keel = vi.fn<Callback>(async () => undefined);
    const { mesh } = await openYard({ keel });
    await mesh.pub("boat.built", { id: "b1" });
    await vi.waitFor(() => expect(keel).toHaveBeenCalledTimes(1));
    const { metadata } = keel.mock.calls[0]?.[0] ?? expect.fail("the worker got no message");

    for (let time = 0; time < 2; time += 1) await mesh.add({ metadata: { ...metadata, guid: "Hone" }, data: {} });

    expect(named("WORKER/yard/keel/2")).toHaveLength(1);
  });

  test("each try of a callback is an execution, and the answer is one leg", async () => {
    let tries = 0;
    const keel: Callback = async () => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries}`);
      return { data: {} };
    };
    const { clock, build } = await openYard({ keel, retryPolicy: { maximumAttempts: 3, backoffCoefficient: 1 } });
    const done = build();
    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(recorder.spans().map(({ name }) => name)).toContain("WORKER/yard/keel/2");
    });
    await done;

    const executions = named("EXECUTE/yard/keel/keel.lay");
    expect(executions.map(({ status, attributes }) => [status.message, attributes["app.stream.try"]])).toEqual([
      ["try 1", undefined],
      ["try 2", 1],
      [undefined, 2],
    ]);
    expect(executions.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      Array(3).fill(idOf(one("WORKER/yard/keel/1"))),
    );
    expect(named("WORKER/yard/keel/2")).toHaveLength(1);
  });
});
