import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type StreamData } from "./index.js";
import { documentOf } from "./testing/mesh.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const topics = ["silent", "interim", "broken", "named", "poison", "lies"] as const;
/** What callbacks were given, by job. */
const seen = new Map<string, StreamData[]>();
/** What the callback of a job returns, or throws when it is a function that does. */
const answers = new Map<string, () => unknown>();

let app: SeedApp;
let mesh: HotMesh;

const callback = async (message: StreamData) => {
  const id = String(message.metadata.jid);
  seen.set(id, [...(seen.get(id) ?? []), message]);
  return answers.get(id)?.() as undefined;
};

beforeAll(async () => {
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "50");
  const workers = ["silent", "interim", "broken", "lies"].map((topic) => ({
    topic,
    connection: connection(),
    callback,
  }));
  app = await SeedApp.open("callback", workers);
  mesh = app.desk;
  await app.activate(documentOf(app.appId, topics));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await app.close();
});

/** Starts a job whose callback answers this; resolves when it has been called. */
async function start(topic: string, id: string, answer: () => unknown): Promise<StreamData> {
  answers.set(id, answer);
  await mesh.pub(`do.${topic}`, { id });
  return vi.waitFor(() => {
    const [message] = seen.get(id) ?? [];
    if (message === undefined) throw new Error(`${id} has not been called`);
    return message;
  }, 5_000);
}

const ended = (topic: string, id: string) =>
  vi.waitFor(async () => {
    const state = await mesh.getState(`do.${topic}`, id);
    expect(state.metadata["state"]).not.toBe("running");
    return state;
  }, 5_000);

/** The error of a failed job, without the stack. */
async function failure(id: string, answer: () => unknown): Promise<unknown> {
  await start("broken", id, answer);
  const { metadata } = await ended("broken", id);
  expect(metadata).toMatchObject({ state: "failed", js: 0 });
  const { stack, ...error } = JSON.parse(String(metadata["err"]));
  return stack === undefined ? error : { ...error, stack: typeof stack };
}

test.each([
  ["undefined", undefined],
  ["null", null],
  ["a text", "done"],
  ["a number", 7],
  ["a list", [{ data: {} }]],
])("a callback that returns %s consumes its message, and the activity is open until add", async (name, value) => {
  const request = await start("silent", `silent ${name}`, () => value);
  const message = await vi.waitFor(async () => {
    const [row] = await app.sql(`select key, held from "${app.appId}".message where key = $1`, [request.metadata.guid]);
    expect(row).toMatchObject({ held: true });
    return row;
  }, 5_000);
  expect(await mesh.getState("do.silent", `silent ${name}`)).toMatchObject({ metadata: { state: "running", js: 1 } });

  // Its lease is over long ago, and still nobody is given the message again.
  await app.sql(`update "${app.appId}".message set leased_at = 1, visible_at = 1 where key = $1`, [message?.["key"]]);
  await mesh.add({ metadata: { ...request.metadata, guid: HotMesh.guid() }, data: { by: "hand" } });

  expect(await ended("silent", `silent ${name}`)).toMatchObject({
    metadata: { state: "completed" },
    data: { by: "hand" },
  });
  expect(seen.get(`silent ${name}`)).toHaveLength(1);
  expect(await app.sql(`select key from "${app.appId}".message where job_id = $1`, [`silent ${name}`])).toEqual([]);
});

test("interim data is mapped, and the activity stays open for more, each answer counted once", async () => {
  const request = await start("interim", "P1", () => ({ status: "pending", code: 202, data: { by: "half" } }));
  await vi.waitFor(async () => expect(await mesh.getState("do.interim", "P1")).toMatchObject({ data: { by: "half" } }));
  expect(await mesh.getStatus("P1")).toBe(1);

  const final = { metadata: { ...request.metadata, guid: HotMesh.guid() }, data: { by: "whole" } };
  await mesh.add(final);
  await mesh.add({ ...final, data: { by: "again" } });

  expect(await ended("interim", "P1")).toMatchObject({ metadata: { js: 0 }, data: { by: "whole" } });
});

test("an answer belongs to the request, whatever its metadata, type and guid say", async () => {
  await mesh.pub("do.silent", { id: "victim" });
  const wrong = { guid: 7, jid: "victim", aid: "begin0", dad: ",9", gid: "none" };
  await start("lies", "liar", () => ({ metadata: wrong, type: "interrupt", guid: 7, data: { by: "me" } }));

  expect(await ended("lies", "liar")).toMatchObject({ metadata: { state: "completed" }, data: { by: "me" } });
  expect(await mesh.getStatus("victim")).toBe(1);
});

test("an error that is answered fails the job with its message, code and error, and nothing else", async () => {
  const data = { message: "glaze ran", extra: 1, error: { cone: 6 } };

  expect(await failure("E1", () => ({ status: "error", code: 422, data }))).toEqual({
    ...{ message: "glaze ran", code: 422, error: { cone: 6 } },
    is_stream_error: true,
  });
  expect(await failure("E2", () => ({ status: "error" }))).toEqual({
    message: "unknown",
    code: 500,
    is_stream_error: true,
  });
  expect(await failure("E3", () => ({ status: "error", code: "404", data: { message: 7, error: "no" } }))).toEqual({
    ...{ message: "7", code: 500 },
    is_stream_error: true,
  });
});

test("an error that is thrown fails the job with its numeric code, or 500, its message, name and stack", async () => {
  const thrower = (thrown: unknown) => () => {
    throw thrown;
  };

  expect(await failure("T1", thrower(Object.assign(new RangeError("too hot"), { code: 404 })))).toEqual({
    ...{ message: "too hot", code: 404, name: "RangeError", stack: "string" },
    is_stream_error: true,
  });
  expect(await failure("T2", thrower(Object.assign(new Error("no door"), { code: "ECONNREFUSED" })))).toEqual({
    ...{ message: "no door", code: 500, name: "Error", stack: "string" },
    is_stream_error: true,
  });
  expect(await failure("T3", thrower(Object.assign(new Error("odd"), { code: Number.NaN })))).toMatchObject({
    code: 500,
  });
  expect(await failure("T4", thrower("cracked"))).toEqual({ message: "cracked", code: 500, is_stream_error: true });
  expect(await failure("T5", thrower({ message: "cold", code: 409 }))).toEqual({
    ...{ message: "cold", code: 409 },
    is_stream_error: true,
  });
  expect(await failure("T6", thrower(undefined))).toMatchObject({ code: 500 });
});

test("entries of one topic take what their names say; what is for none of them is put back, unused", async () => {
  const taken: unknown[] = [];
  const entry = (workflowName: string) => ({
    ...{ topic: "named", connection: connection(), workflowName },
    callback: async ({ metadata, _retryAttempt }: StreamData) => {
      taken.push([workflowName, metadata.wfn, metadata.try, _retryAttempt]);
      return { data: { by: workflowName } };
    },
  });
  const strangers = await HotMesh.init({ appId: app.appId, logLevel: "silent", workers: [entry("one"), entry("two")] });
  await mesh.pub("do.named", { id: "N1" });
  const rows = () => app.rows("worker_streams where jid = 'N1'");
  await vi.waitFor(async () => {
    const [row] = await rows();
    // It waits for 500 ms at a time, and has done so more often than a poisonous message may be handed out.
    const [waited] = await app.sql(
      `select visible_at - leased_at as ms, deliveries from "${app.appId}".message where job_id = 'N1'`,
    );
    expect(Number(waited?.["ms"])).toBeGreaterThanOrEqual(500);
    expect(waited?.["deliveries"]).toBe(0);
    expect(row).toMatchObject({ retry_attempt: 0, workflow_name: "do.named", error: null });
  }, 5_000);
  for (let turn = 0; turn < 7; turn += 1) {
    const [before] = await app.sql(
      `update "${app.appId}".message set visible_at = 1 where job_id = 'N1' returning leased_at`,
    );
    await vi.waitFor(async () => {
      const [now] = await app.sql(
        `select leased_at from "${app.appId}".message where job_id = 'N1' and visible_at > 1`,
      );
      expect(Number(now?.["leased_at"])).toBeGreaterThan(Number(before?.["leased_at"]));
    }, 5_000);
  }
  expect(taken).toEqual([]);

  const known = await HotMesh.init({
    appId: app.appId,
    logLevel: "silent",
    workers: [entry("two"), entry("do.named")],
  });
  expect(await ended("named", "N1")).toMatchObject({ data: { by: "do.named" } });

  expect(taken).toEqual([["do.named", "do.named", undefined, 0]]);
  await strangers.stop();
  await known.stop();
});

test("a message handed out 5 times without an answer is not run again: 999, and it stays for people", async () => {
  await mesh.pub("do.poison", { id: "deadly" });
  await mesh.pub("do.poison", { id: "hard" });
  await app.sql(`update "${app.appId}".message set deliveries = case job_id when 'deadly' then 5 else 4 end
    where job_id in ('deadly', 'hard')`);
  answers.set("hard", () => ({ data: { by: "luck" } }));
  const worker = { topic: "poison", connection: connection(), callback };
  const bench = await HotMesh.init({ appId: app.appId, logLevel: "silent", workers: [worker] });

  const { metadata } = await ended("poison", "deadly");
  expect(metadata).toMatchObject({ state: "failed" });
  expect(JSON.parse(String(metadata["err"]))).toMatchObject({ code: 999 });
  expect(await ended("poison", "hard")).toMatchObject({ data: { by: "luck" } });
  expect(seen.get("deadly")).toBeUndefined();
  expect(await app.rows("worker_streams where jid = 'deadly'")).toMatchObject([
    { dead_lettered_at: expect.any(Date), topic: "poison", msg_type: "worker", aid: "work4", error: { code: 999 } },
  ]);
  expect(await app.rows("worker_streams where jid = 'hard'")).toEqual([]);
  await bench.stop();
});
