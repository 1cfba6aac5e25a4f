import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { Virtual } from "./virtual.js";

const namespace = `virtual${process.pid}`;
const connection = { class: Client, options: { connectionString: "" } };
/** What callbacks were called with, by topic. */
const calls = new Map<string, { readonly given: unknown[]; readonly at: number; readonly context: unknown }[]>();
const callsOf = (topic: string) => calls.get(topic) ?? [];

function counting(topic: string, then: (count: number) => unknown = (count) => count) {
  return async (...given: unknown[]) => {
    const context = Virtual.getContext();
    calls.set(topic, [...callsOf(topic), { given, at: Date.now(), context }]);
    return then(callsOf(topic).length);
  };
}

const connect = (topic: string, then?: (count: number) => unknown, more: object = {}) =>
  Virtual.connect({ topic, connection, namespace, callback: counting(topic, then), logLevel: "silent", ...more });
const exec = <T>(topic: string, args: unknown[], options = {}) =>
  Virtual.exec<T>({ topic, args, connection, namespace, options });

beforeAll(() => {
  connection.options.connectionString = inject("postgresUrl");
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "100");
});

afterAll(async () => {
  await Virtual.shutdown();
  vi.unstubAllEnvs();
});

test("C38 a call gives what the function returns, exactly", async () => {
  const mesh = await connect("echo", () => undefined);
  expect(mesh.guid).toMatch(/^H/);
  expect(await exec("echo", [1, { deep: [null, ""] }])).toBeUndefined();
  expect(callsOf("echo")[0]?.given).toEqual([1, { deep: [null, ""] }]);

  await connect("values", (count) => [null, "", 0, false, [], { a: { b: null } }][count - 1]);
  for (const value of [null, "", 0, false, [], { a: { b: null } }]) expect(await exec("values", [])).toEqual(value);
});

test("C38 an answer that is kept is given to every later call of its id, until it is flushed", async () => {
  await connect("kept", (count) => `answer ${count}`);
  const options = { id: "weigh P1", ttl: "1 hour" };

  expect(await exec("kept", [1], options)).toBe("answer 1");
  expect(await exec("kept", [2], options)).toBe("answer 1");
  expect(await exec("kept", [3], { ...options, flush: true })).toBe("answer 2");
  expect(await exec("kept", [4], options)).toBe("answer 2");
  await Virtual.flush({ topic: "kept", connection, namespace, options: { id: options.id } });
  expect(await exec("kept", [5], options)).toBe("answer 3");
  expect(callsOf("kept").map(({ given }) => given)).toEqual([[1], [3], [5]]);
});

test("C55 callers of one id share the call that is under way", async () => {
  let end: (value: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  await connect("shared", () => ended);
  const options = { id: "one call", ttl: "1 hour" };

  const first = exec("shared", [], options);
  await vi.waitFor(() => expect(callsOf("shared")).toHaveLength(1), 5_000);
  const others = [exec("shared", [], options), exec("shared", [], options)];
  end("for all");

  expect(await Promise.all([first, ...others])).toEqual(["for all", "for all", "for all"]);
  expect(callsOf("shared")).toHaveLength(1);
});

test("C55 a call that is flushed while it runs is made anew for everybody who waits", async () => {
  let end: (value: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  await connect("flushed", (count) => (count === 1 ? ended : `answer ${count}`));
  const options = { id: "flushed call", ttl: "1 hour" };
  const first = exec("flushed", [], options);
  await vi.waitFor(() => expect(callsOf("flushed")).toHaveLength(1), 5_000);

  expect(await exec("flushed", [], { ...options, flush: true })).toBe("answer 2");

  expect(await first).toBe("answer 2");
  end("too late");
  expect(await exec("flushed", [], options)).toBe("answer 2");
});

test("an id is that of one function: another one neither has its answer nor forgets it", async () => {
  await connect("profile", () => "profile of 42");
  const options = { id: "42", ttl: "1 hour" };
  expect(await exec("profile", [], options)).toBe("profile of 42");

  const refused = { kind: "invalid-argument", message: expect.stringContaining("id 42 is taken by virtual.call") };
  await expect(exec("orders", [], options)).rejects.toMatchObject(refused);
  await expect(exec("orders", [], { ...options, flush: true })).rejects.toMatchObject(refused);
  const schedule = { topic: "profile", connection, namespace };
  await expect(Virtual.cron({ ...schedule, args: [], options: { id: "42", interval: "1s" } })).rejects.toMatchObject(
    refused,
  );
  await expect(Virtual.interrupt({ ...schedule, options: { id: "42" } })).rejects.toMatchObject(refused);
  expect(await exec("profile", [], options)).toBe("profile of 42");
});

test("C38 whoever comes first makes a namespace, and the others wait for it", async () => {
  const fresh = `${namespace}-fresh`;
  const long = { store: connection, stream: connection, sub: connection };
  const readonly = { ...connection, readonly: true };
  const call = { topic: "sum", args: [40, 2], namespace: fresh };
  const calls = [
    Virtual.exec({ ...call, connection: readonly }),
    Virtual.exec({ ...call, connection }),
    Virtual.exec({ ...call, connection: long }),
  ];

  await Virtual.connect({ topic: "sum", connections: long, namespace: fresh, callback: async (a, b) => a + b });

  expect(await Promise.all(calls)).toEqual([42, 42, 42]);
});

test("C38 an answer whose time is over is as if there had been none", async () => {
  await connect("lapsing", (count) => count);
  const options = { id: "short", ttl: "1s" };
  expect(await exec("lapsing", [], options)).toBe(1);

  await vi.waitFor(async () => expect(await exec("lapsing", [], options)).toBe(2), { timeout: 5_000, interval: 200 });
});

test("C40 a call is executed as often as its policy says, and rejects with what was thrown", async () => {
  const fail = (): never => {
    throw Object.assign(new Error("too heavy"), { code: 422 });
  };
  const retry = { maximumAttempts: 3, backoffCoefficient: 1, maximumInterval: "10ms" };
  await connect("heavy", fail, { retry });

  await expect(exec("heavy", [], { id: "H1", ttl: "1 hour" })).rejects.toMatchObject({
    ...{ message: "too heavy", job_id: "H1" },
    error: { message: "too heavy", code: 422, stack: expect.stringContaining("too heavy") },
  });
  expect(callsOf("heavy")).toHaveLength(3);
  // What failed is no answer to keep.
  await expect(exec("heavy", [], { id: "H1", ttl: "1 hour" })).rejects.toThrow("too heavy");
  expect(callsOf("heavy")).toHaveLength(6);
});

test("C40 a call is executed five times with growing gaps, and then no more", async () => {
  const fail = (): never => {
    throw new Error("jammed");
  };
  const retry = { maximumAttempts: 5, initialInterval: "20ms" };
  await connect("jammed", fail, { retry });

  await expect(exec("jammed", [])).rejects.toThrow("jammed");

  const at = callsOf("jammed").map((call) => call.at);
  const gaps = at.slice(1).map((later, index) => later - Number(at[index]));
  expect(gaps).toEqual([40, 80, 160, 320].map((least) => expect.toSatisfy((gap: number) => gap >= least - 1)));
  expect(callsOf("jammed").map(({ context }) => context)).toMatchObject(
    [1, 2, 3, 4, 5].map((attempt) => ({ attempt })),
  );
});

test("C41 a call knows what it is executed for; outside there is nothing to know", async () => {
  await connect("known");
  await exec("known", [], { id: "call of ours", ttl: "1 hour" });

  expect(callsOf("known")[0]?.context).toEqual({
    ...{ topic: "known", workflowId: "call of ours", workflowName: `${namespace}.call`, attempt: 1, dimension: ",0,0" },
    guid: expect.stringMatching(/^H/),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(() => Virtual.getContext()).toThrow("outside of a Virtual callback execution context");
});

test("C39 C56 a schedule runs again and again, once for all who ask for it, until it is interrupted", async () => {
  const topic = "swept";
  const cron = () =>
    Virtual.cron({
      ...{ topic, args: [{ region: "eu" }], connection, namespace, callback: sweep, logLevel: "silent" },
      options: { id: "sweep-eu", interval: "1s" },
    });
  const sweep = counting(topic);

  const firings: unknown[] = [];
  const observer = await connect("observed");
  await observer.subQuorum((_, message) => {
    if (message.type === "cron") firings.push(message);
  });

  expect(await cron()).toBe(true);
  expect(await Promise.all([cron(), cron()])).toEqual([false, false]);
  await vi.waitFor(() => expect(callsOf(topic).length).toBeGreaterThan(1), 10_000);
  const [first, second] = callsOf(topic);
  expect(first?.given).toEqual([{ region: "eu" }]);
  expect(first?.context).toMatchObject({ workflowId: "sweep-eu", workflowName: `${namespace}.cron`, attempt: 1 });
  expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(1_000);

  const interrupt = () => Virtual.interrupt({ topic, connection, namespace, options: { id: "sweep-eu" } });
  expect(await interrupt()).toBe(true);
  expect(await interrupt()).toBe(false);
  const runs = callsOf(topic).length;
  expect(await cron()).toBe(true);
  await vi.waitFor(() => expect(callsOf(topic).length).toBeGreaterThan(runs), 10_000);
  expect(await interrupt()).toBe(true);
  await vi.waitFor(() => expect(firings).toHaveLength(callsOf(topic).length), 5_000);
  expect(firings[0]).toMatchObject({ type: "cron", topic, id: "sweep-eu", originator: expect.stringMatching(/^H/) });
}, 20_000);

test("C39 a cron expression runs a function once per tick, whoever serves it", async () => {
  const topic = "ticking";
  const options = { id: "each second", interval: "* * * * * *", maxCycles: 3 };
  const callback = counting(topic);
  await connect(topic);

  await Virtual.cron({ topic, args: [], connection, namespace, callback, logLevel: "silent", options });

  await vi.waitFor(() => expect(callsOf(topic)).toHaveLength(3), 10_000);
  const seconds = callsOf(topic).map(({ at }) => Math.floor(at / 1_000));
  expect(new Set(seconds).size).toBe(3);
}, 20_000);

test("C39 a schedule ends after its last run, and its id is free", async () => {
  const topic = "counted";
  const cron = (callback: (...given: unknown[]) => unknown) =>
    Virtual.cron({
      ...{ topic, args: [], connection, namespace, callback, logLevel: "silent" },
      options: { id: "two", interval: "1s", maxCycles: 2, delay: "100ms" },
    });
  const callback = counting(topic);
  expect(await cron(callback)).toBe(true);

  await vi.waitFor(() => expect(callsOf(topic)).toHaveLength(2), 10_000);
  await vi.waitFor(async () => expect(await cron(callback)).toBe(true), 5_000);
  await Virtual.interrupt({ topic, connection, namespace, options: { id: "two" } });
}, 20_000);

test("C40 a run that fails past its retries ends the schedule, or not, as was asked", async () => {
  const retry = { maximumAttempts: 2, backoffCoefficient: 1, maximumInterval: "10ms" };
  const fail = (): never => {
    throw new Error("no broom");
  };
  const cron = (topic: string, onError: "end" | "continue") =>
    Virtual.cron({
      ...{ topic, args: [], connection, namespace, callback: counting(topic, fail), logLevel: "silent", retry },
      options: { id: topic, interval: "1s", onError },
    });
  const ended: unknown[] = [];
  const observer = await connect("ending");
  await observer.sub("virtual.cron.ended", (_, job) => void ended.push(job.metadata));
  await cron("ends", "end");
  await cron("goes.on", "continue");

  await vi.waitFor(() => expect(callsOf("goes.on").length).toBeGreaterThanOrEqual(4), 10_000);
  expect(callsOf("ends")).toHaveLength(2);
  expect(ended).toMatchObject([{ jid: "ends", state: "failed", err: expect.stringContaining("no broom") }]);
  expect(await Virtual.interrupt({ topic: "ends", connection, namespace, options: { id: "ends" } })).toBe(false);
  expect(await Virtual.interrupt({ topic: "goes.on", connection, namespace, options: { id: "goes.on" } })).toBe(true);
}, 20_000);

test.each([
  ["interval", { id: "x", interval: "every day" }, "Invalid cron/interval expression: every day"],
  ["id", { id: "", interval: "1s" }, "options.id"],
  ["delay", { id: "x", interval: "1s", delay: "soon" }, "options.delay"],
  ["maxCycles", { id: "x", interval: "1s", maxCycles: 0 }, "options.maxCycles"],
])("a schedule whose %s is none is refused before anything is opened", async (_, options, message) => {
  await expect(Virtual.cron({ topic: "x", args: [], connection, namespace, options })).rejects.toThrow(message);
});
