import type { StreamData } from "@hotmesh/worker";
import { afterEach, expect, test, vi } from "vitest";
import { activity } from "./activity-context.js";
import { clearActivities, registerActivities } from "./activity-registry.js";
import { CancelledFailure, DurableFatalError, DurableMaxedError } from "./errors.js";
import { clearInterceptors, registerActivityInboundInterceptor } from "./interceptors.js";
import { runActivity } from "./run-activity.js";
import { workflow } from "./workflow.js";

afterEach(() => {
  clearActivities();
  clearInterceptors();
  vi.useRealTimers();
});

const call = (activityName: string, over: object = {}): StreamData => ({
  metadata: { guid: "m1", aid: "proxy" },
  data: { activityName, arguments: [], workflowId: "-P1-$fire-1", workflowTopic: "kiln-activity", ...over },
});

function run(activities: object, message: StreamData, signal = new AbortController().signal) {
  registerActivities(activities);
  return runActivity(message, { signal });
}

test.each([
  ["a value", 7, { value: 7 }],
  ["an empty text", "", { value: "" }],
  ["null", null, { value: null }],
  ["nothing", undefined, {}],
  ["a date", new Date(0), { value: "1970-01-01T00:00:00.000Z" }],
])("an activity that returns %s answers it", async (_, value, data) => {
  expect(await run({ fire: async () => value }, call("fire"))).toEqual({ data });
});

test("what is thrown is tried again, unless it says that it is not to be", async () => {
  const thrown = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const fail = (error: unknown) => async () => {
    throw error;
  };
  await expect(run({ dial: fail(thrown) }, call("dial"))).rejects.toBe(thrown);
  const finals = [new DurableFatalError("no clay"), new DurableMaxedError("enough"), new CancelledFailure()];
  for (const [index, error] of finals.entries()) {
    const name = `final${index}`;
    const { message, code, stack, name: type } = error;

    expect(await run({ [name]: fail(error) }, call(name))).toEqual({
      data: { $error: { message, code, stack, name: type } },
    });
  }
});

test("a result that JSON has no words for is an error of the activity", async () => {
  const round: Record<string, unknown> = {};
  round["self"] = round;

  await expect(run({ fire: async () => round }, call("fire"))).rejects.toMatchObject({ kind: "invalid-argument" });
});

test("a name that nobody has registered is an error that may pass", async () => {
  await expect(run({}, call("fire"))).rejects.toThrow("Activity 'fire' not found in registry");
});

test("its arguments and headers arrive, and interceptors stand around it", async () => {
  const seen: unknown[] = [];
  registerActivityInboundInterceptor({
    async execute(name, args, next) {
      seen.push([name, [...args]]);
      args[0] = Number(args[0]) * 10;
      return [await next(), activity.getContext().headers["tenant"]];
    },
  });

  const fire = async (heat: number) => heat + 1;
  const answer = await run({ fire }, call("fire", { arguments: [7], headers: { tenant: "blue" } }));

  expect(answer).toEqual({ data: { value: [71, "blue"] } });
  expect(seen).toEqual([["fire", [7]]]);
});

test("an activity that takes too long is answered with 596, and its result is dropped", async () => {
  vi.useFakeTimers();
  let signal: AbortSignal | null = null;
  const fire = () => {
    signal = activity.getContext().signal;
    return new Promise((resolve) => setTimeout(resolve, 200, "late"));
  };

  const answer = run({ fire }, call("fire", { timeoutMs: 100 }));
  await vi.advanceTimersByTimeAsync(100);

  expect(await answer).toMatchObject({ data: { $error: { code: 596, name: "DurableTimeoutError" } } });
  expect(signal).toMatchObject({ aborted: true, reason: { code: 596 } });
  await vi.advanceTimersByTimeAsync(200);
  expect(vi.getTimerCount()).toBe(0);
});

test("an activity learns that its lease is lost", async () => {
  const lease = new AbortController();
  const fire = async () => {
    const { signal } = activity.getContext();
    lease.abort(new Error("lost"));
    return signal.aborted;
  };

  expect(await run({ fire }, call("fire"), lease.signal)).toEqual({ data: { value: true } });
});

test("workflow functions are not for activities", async () => {
  const fire = async () => workflow.sleep("1s");

  await expect(run({ fire }, call("fire"))).rejects.toMatchObject({ kind: "no-workflow" });
});
