import { jsonOf, type LegObservation, type SpanSource, type Sub, type SubListener } from "@hotmesh/core";
import { expect, test } from "vitest";
import type { MessageFlow } from "./engine-options.js";
import { studio } from "./testing/mesh.js";

const document = `
app:
  id: studio
  version: '1'
  graphs:
    - subscribes: pot.note
      expire: { '@pipe': [ ['{n1.input.data.none}', '-'], ['{@string.split}'] ] }
      activities:
        n1: { type: trigger, telemetry: { glaze: '{$self.input.data.glaze}' } }
`;

/** Starts one job with an engine that observes, and gives what it logged. */
async function observed(observe: { readonly channel: string; readonly leg?: (leg: LegObservation) => void }) {
  const warnings: unknown[] = [];
  const quiet = (): void => {};
  const warn = (message: string, ...meta: unknown[]): number => warnings.push([message, ...meta]);
  const { engine, deploy, start, outcome } = studio({
    observe,
    logger: { info: quiet, debug: quiet, error: quiet, warn },
  });
  await deploy(document);
  await engine.listen();
  await outcome(start("pot.note", { glaze: "blue" }));
  return warnings;
}

test("an engine tells of every leg once its step has committed", async () => {
  const legs: LegObservation[] = [];

  await observed({ channel: "observe/E1", leg: (leg) => legs.push(leg) });

  expect(legs).toMatchObject([
    {
      kind: "leg",
      leg: 1,
      type: "trigger",
      job: { tpc: "pot.note", state: "completed", js: 0 },
      activity: { aid: "n1", dad: ",0" },
      data: { glaze: "blue" },
    },
  ]);
});

test("an expression that throws without effect is logged, also when nobody looks at legs", async () => {
  expect(await observed({ channel: "observe/E1" })).toEqual([
    ["expression-failed", expect.objectContaining({ activity: "n1", message: expect.stringContaining("at expire") })],
  ]);
});

test("an engine believes no observation that another process publishes on its channel", async () => {
  const legs: LegObservation[] = [];
  const listeners: SubListener[] = [];
  const nothing = { close: async () => {} };
  const sub: Pick<Sub, "subscribe" | "onGap"> = {
    subscribe: async (channel, listener) => {
      if (channel === "observe/E1") listeners.push(listener);
      return nothing;
    },
    onGap: () => nothing,
  };
  const seen = { channel: "observe/E1", leg: (leg: LegObservation): number => legs.push(leg) };
  await observed(seen);
  const { engine } = studio({ observe: seen, sub });
  await engine.listen();
  const [leg] = legs;
  if (leg === undefined) throw new Error("no leg was observed");
  const body = jsonOf(leg) ?? null;

  for (const isTrusted of [false, true]) for (const listener of listeners) listener(body, isTrusted);

  expect(legs).toEqual([leg, leg]);
});

test("an engine tells of every stored message that its steps write and take", async () => {
  const flows: MessageFlow[] = [];
  const { backend, clock, deploy, start, outcome, settle } = studio({
    observe: { channel: "observe/E1", message: (flow) => flows.push(flow) },
  });
  await deploy();

  await outcome(start("pot.throw", { id: "P1" }));
  const { leases } = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "w" });
  const answer = { status: "success", code: 200, data: { fired: true } } as const;
  await backend.stream.settle(leases.map((lease) => ({ lease, outcome: { kind: "answer", answer } })));
  clock.advance(5_000);
  await settle();

  expect(flows).toMatchObject([
    {
      direction: "out",
      type: "worker",
      message: { topic: "kiln.fire", job: "P1", path: "k1,0,0", body: { temp: 900 } },
    },
    { direction: "in", type: "response", message: { topic: null, job: "P1", path: "k1,0,0", body: answer } },
  ]);
  expect(flows).toHaveLength(2);
});

test("an engine tells of no message of a step that failed", async () => {
  const flows: MessageFlow[] = [];
  const { deploy, start, outcome } = studio({
    observe: { channel: "observe/E1", message: (flow) => flows.push(flow) },
    through: (step) => async (options, program) => {
      await step({ limit: 0 }, program);
      if ((options.events ?? []).length > 0) throw new Error("out of space");
      return step(options, program);
    },
  });
  await deploy();

  await expect(outcome(start("pot.throw", { id: "P1" }))).rejects.toThrow("out of space");

  expect(flows).toEqual([]);
});

test("a source of spans is asked for each leg, and hears of those it records alone", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const asked: unknown[] = [];
  const legs: LegObservation[] = [];
  const span: SpanSource = ({ app, activity, type, leg }) => {
    asked.push({ app, activity, type, leg });
    return { traceId, spanId: "b7ad6b7169203331", sampled: true, isRecorded: type === "trigger" };
  };
  const { engine, deploy, start, outcome, backend } = studio({
    observe: { channel: "observe/E1", span, leg: (leg) => legs.push(leg) },
  });
  await deploy();
  await engine.listen();

  const { jobId } = await outcome(start("pot.throw", { id: "P1" }));

  expect(asked).toEqual([
    { app: "studio", activity: "t1", type: "trigger", leg: 1 },
    { app: "studio", activity: "k1", type: "worker", leg: 1 },
  ]);
  expect(legs).toMatchObject([{ activity: { aid: "t1" }, leg: 1, span: "b7ad6b7169203331" }]);
  expect(await backend.store.readJob(jobId)).toMatchObject({ trace: traceId });
});
