import type { LegObservation } from "@hotmesh/core";
import { expect, test } from "vitest";
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
