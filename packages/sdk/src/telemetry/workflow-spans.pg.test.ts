import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DurableFatalError } from "../durable/errors.js";
import { workflow } from "../durable/workflow.js";
import { DurableScene } from "../testing/durable-scene.js";
import { type Recorder, recordTraces } from "../testing/traces.suite.js";

const scene = new DurableScene("spans");

const activities = {
  async fire() {
    return 900;
  },
};

const functions = {
  async firing() {
    await workflow.proxyActivities<typeof activities>({ activities }).fire();
    await workflow.trace({ glaze: "salt", bowls: 3 });
    return "fired";
  },
  async breaking() {
    throw new DurableFatalError("it cracked");
  },
};

let recorder: Recorder;
beforeAll(() => scene.work("kiln", functions));
beforeEach(() => {
  recorder = recordTraces();
});
afterEach(async () => {
  await recorder.stop();
  vi.unstubAllEnvs();
});
afterAll(() => scene.close());

/** Spans of functions and activities, in the order they ended. */
const names = () =>
  recorder
    .spans()
    .map(({ name }) => name)
    .filter((name) => /^(WORKFLOW|ACTIVITY|DISPATCH|RETURN)/.test(name));

test("a workflow and its activities are spans of one trace", async () => {
  await scene.run("kiln", "firing");

  await expect
    .poll(names)
    .toEqual(["WORKFLOW/START/firing", "ACTIVITY/fire", "WORKFLOW/TRACE/firing", "WORKFLOW/COMPLETE/firing"]);
  const traces = recorder.spans().filter(({ name }) => /^(WORKFLOW|ACTIVITY)/.test(name));
  expect(new Set(traces.map((span) => span.spanContext().traceId)).size).toBe(1);
  const told = recorder.spans().find(({ name }) => name === "WORKFLOW/TRACE/firing");
  expect(told?.attributes).toMatchObject({ glaze: "salt", bowls: 3 });
});

test("a workflow that fails is a span that says so", async () => {
  await expect(scene.run("kiln", "breaking")).rejects.toThrow("it cracked");

  await expect.poll(names).toEqual(["WORKFLOW/START/breaking", "WORKFLOW/ERROR/breaking"]);
  const [error] = recorder.spans().filter(({ name }) => name === "WORKFLOW/ERROR/breaking");
  expect(error?.status).toMatchObject({ message: "it cracked" });
});

test("at level debug each operation is a span when it is asked for, and one when its outcome is there", async () => {
  vi.stubEnv("HMSH_TELEMETRY", "debug");

  await scene.run("kiln", "firing");

  await expect
    .poll(names)
    .toEqual([
      "WORKFLOW/START/firing",
      "DISPATCH/proxy/fire",
      "ACTIVITY/fire",
      "RETURN/proxy/fire",
      "WORKFLOW/TRACE/firing",
      "DISPATCH/trace/",
      "WORKFLOW/COMPLETE/firing",
    ]);
});
