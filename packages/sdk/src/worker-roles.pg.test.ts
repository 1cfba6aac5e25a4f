import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh, type HotMeshWorker, type QuorumMessage, type WorkerCallback } from "./index.js";
import { documentOf } from "./testing/mesh.js";
import { programFile } from "./testing/program.js";
import type { RoleProcess } from "./testing/role-process.js";

const topics = ["apple.press", "press:apples:2"];
const [topic = "", colons = ""] = topics;
const patience = { timeout: 60_000 };
const url = () => inject("postgresUrl");
const connection = () => ({ class: Client, options: { connectionString: url() } });

let apps = 0;
let appId = "";
let sql: Client;
let desk: HotMesh;
let login: { user: string; password: string };
const users = new Set<string>();
const schemas = new Set<string>();
const processes: ChildProcess[] = [];
/** Ids of the jobs that secured workers of this process began to work on. */
const begun: unknown[] = [];

async function provision(streamNames: readonly string[], namespace = appId): Promise<typeof login> {
  const given = { connection: url(), namespace, streamNames };
  const { roleName: user, password } = await HotMesh.provisionWorkerRole(given);
  users.add(user);
  return { user, password };
}

/** How the server is reached by somebody whose login is not known yet. */
function address(name: string) {
  const { host, port, database } = new Client({ connectionString: url() });
  return { host, port, database, application_name: name };
}

const press: WorkerCallback = async ({ data }) => {
  begun.push(data["id"]);
  return { data: { by: "press" } };
};

function secured(over: Partial<HotMeshWorker> = {}, guid = "press"): Promise<HotMesh> {
  const worker = { topic, connection: connection(), workerCredentials: login, callback: press, ...over };
  return HotMesh.init({ appId, guid, logLevel: "silent", workers: [worker] });
}

const rows = async (text: string, values: unknown[] = []) =>
  (await sql.query(text.replaceAll("{{schema}}", `"${appId}"`), values)).rows;
const usersOf = async (name: string) =>
  (await rows("select distinct usename from pg_stat_activity where application_name = $1", [name])).map(
    ({ usename }) => usename,
  );
const order = (id: string, of = topic, timeout = 10_000) => desk.pubsub(`do.${of}`, { id }, null, timeout);
const rates = async () =>
  (await desk.rollCall(300)).map(({ worker_topic: of, throttle }) => [of ?? "engine", throttle]).sort();

beforeEach(async () => {
  apps += 1;
  appId = `roles-${process.pid}-${apps}`;
  schemas.add(appId);
  begun.length = 0;
  sql = new Client(connection().options);
  await sql.connect();
  desk = await HotMesh.init({ appId, guid: "desk", logLevel: "silent", engine: { connection: connection() } });
  await desk.deploy(documentOf(appId, topics));
  await desk.activate("1", 20);
  login = await provision([topic]);
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
  await HotMesh.stop();
  for (const schema of schemas) await sql.query(`drop schema if exists "${schema}" cascade`);
  for (const user of users) await sql.query(`drop role "${user}"`);
  schemas.clear();
  users.clear();
  await sql.end();
});

test("F24 a process with nothing but a role works a callback that outlasts its lease, once", patience, async () => {
  const heard: object[] = [];
  const join = async (guid: string): Promise<ChildProcess> => {
    const config: RoleProcess = { appId, guid, topic, options: address(`${appId} ${guid}`), workerCredentials: login };
    const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PG")));
    const child = fork(programFile("role-process"), [JSON.stringify(config)], {
      execArgv: [],
      env: { ...bare, HMSH_RESERVATION_TIMEOUT_S: "1" },
    });
    processes.push(child);
    child.on("message", (message: object) => "id" in message && heard.push(message));
    await once(child, "message");
    return child;
  };
  const [one, two] = await Promise.all([join("one"), join("two")]);

  const result = order("a", topic, 40_000);
  const leases = new Set<string>();
  await vi.waitFor(async () => {
    const [lease] = await rows("select lease_until, deliveries from {{schema}}.message where topic = $1", [topic]);
    leases.add(`${lease?.["lease_until"]}`);
    expect([lease?.["deliveries"], leases.size]).toEqual([1, 6]);
  }, 20_000);
  for (const guid of ["one", "two"]) expect(await usersOf(`${appId} ${guid}`)).toEqual([login.user]);
  for (const child of [one, two]) child.send("go");

  const { data } = await result;
  expect(heard).toEqual([{ guid: data?.["by"], id: "a" }]);
  for (const child of [one, two]) {
    child.send("stop");
    await once(child, "exit");
  }
});

test("F24 a worker with workerCredentials uses that role and none besides, whatever its connection says", async () => {
  const options = { connectionString: url(), application_name: `${appId} worker` };
  await secured({ connection: { class: Client, options } });

  expect((await order("a")).data).toEqual({ by: "press" });

  expect(await usersOf(`${appId} worker`)).toEqual([login.user]);
});

test("an engine and a worker with a role of its own share one instance", async () => {
  const mesh = await HotMesh.init({
    appId,
    guid: "both",
    logLevel: "silent",
    engine: { connection: connection() },
    workers: [
      { topic, connection: connection(), workerCredentials: login, callback: press },
      { topic: colons, connection: connection(), callback: press },
    ],
  });

  await Promise.all([order("a"), order("b", colons)]);
  expect(begun.sort()).toEqual(["a", "b"]);
  expect((await rates()).map(([of]) => of)).toEqual([topic, "engine", "engine", colons]);
  expect(await rows("select topic from {{schema}}.members where guid = 'both' and role = 'worker' order by 1")).toEqual(
    topics.map((name) => ({ topic: name })),
  );
  await mesh.stop();
  expect(await rows("select topic from {{schema}}.members where guid = 'both'")).toEqual([]);
});

test("F17 topics with colons work, normal and secured, and each worker has its own", async () => {
  login = await provision([colons]);
  await secured({ topic: colons });
  const plain = vi.fn(async () => ({ data: { by: "plain" } }));
  const open = { topic, connection: connection(), callback: plain };
  await HotMesh.init({ appId, guid: "plain", logLevel: "silent", workers: [open] });

  const done = await Promise.all([order("a"), order("b", colons)]);

  expect(done.map(({ data }) => data)).toEqual([{ by: "plain" }, { by: "press" }]);
  expect([begun, plain.mock.calls.length]).toEqual([["b"], 1]);
});

test("F17 a role of one namespace is nobody in another", async () => {
  const schema = `other.${appId}`;
  schemas.add(schema);
  const there = { appId, namespace: "other", logLevel: "silent" } as const;
  const other = await HotMesh.init({ ...there, guid: "other desk", engine: { connection: connection() } });
  await other.deploy(documentOf(appId, topics));
  await other.activate("1", 20);
  const theirs = await provision([topic], schema);
  const worker = { topic, connection: connection(), callback: press };

  const crossed = HotMesh.init({ ...there, guid: "x", workers: [{ ...worker, workerCredentials: login }] });
  await expect(crossed).rejects.toMatchObject({ kind: "forbidden" });
  await HotMesh.init({ ...there, guid: "theirs", workers: [{ ...worker, workerCredentials: theirs }] });
  await other.pubsub(`do.${topic}`, { id: "there" });

  await desk.pub(`do.${topic}`, { id: "here" });
  expect(begun).toEqual(["there"]);
  expect(await rows("select topic from {{schema}}.worker_streams")).toEqual([{ topic }]);
});

test("roll calls show secured workers, and they obey what the mesh is told", async () => {
  await secured();
  await desk.throttle({ throttle: -1, topic });
  await vi.waitFor(
    async () =>
      expect(await rates()).toEqual([
        [topic, -1],
        ["engine", 0],
      ]),
    8_000,
  );
  await Promise.all(["a", "b", "c"].map((id) => desk.pub(`do.${topic}`, { id })));
  await secured({}, "late");

  await vi.waitFor(
    async () =>
      expect(await rates()).toEqual([
        [topic, -1],
        [topic, -1],
        ["engine", 0],
      ]),
    8_000,
  );
  const profiles = await desk.rollCall(300);
  expect(profiles.filter(({ worker_topic: of }) => of === topic).map(({ stream_depth: depth }) => depth)).toEqual([
    3, 3,
  ]);
  expect(begun).toEqual([]);
  await desk.throttle({ throttle: 0, topic });
  await vi.waitFor(() => expect([...begun].sort()).toEqual(["a", "b", "c"]), 8_000);
});

test("a secured worker hears and says what the mesh does, however long it is, and reads no job", async () => {
  const complaints: unknown[] = [];
  const complain = (...what: unknown[]): void => void complaints.push(what);
  const logger = { debug: () => {}, info: () => {}, warn: complain, error: complain };
  const worker = { topic, connection: connection(), workerCredentials: login, callback: press };
  const mesh = await HotMesh.init({ appId, guid: "press", logger, workers: [worker] });
  const heard: Record<string, QuorumMessage[]> = { desk: [], press: [] };
  await desk.subQuorum((_, message) => heard["desk"]?.push(message));
  await mesh.subQuorum((_, message) => heard["press"]?.push(message));
  const long = (by: string): QuorumMessage => ({ type: "user", topic: by, message: { text: "🍎".repeat(4_000) } });

  await desk.pubQuorum(long("desk"));
  await mesh.pubQuorum(long("press"));
  await order("a");

  const said = [long("desk"), long("press")];
  await vi.waitFor(() => {
    for (const name of ["desk", "press"]) expect(heard[name]).toEqual(expect.arrayContaining(said));
    expect(heard["desk"]?.map(({ type }) => type)).toContain("job");
  });
  expect(heard["press"]?.map(({ type }) => type)).not.toContain("job");
  expect(complaints).toEqual([]);
});

test("a failed attempt of a secured worker is repeated by its policy, and fails the job in the end", async () => {
  const callback = vi.fn<WorkerCallback>(async () => {
    throw Object.assign(new Error("jammed"), { code: 502 });
  });
  await secured({ callback, retryPolicy: { maximumAttempts: 2, backoffCoefficient: 0.1 } });

  await expect(order("a")).rejects.toMatchObject({ message: "jammed", code: 502 });

  expect(callback).toHaveBeenCalledTimes(2);
});

test("work of a job that is over is handed to no role, and its answer changes nothing", async () => {
  let finish = (): void => {};
  const callback: WorkerCallback = async ({ data }) => {
    begun.push(data["id"]);
    if (data["id"] === "a") await new Promise<void>((resolve) => (finish = resolve));
    return { data: { by: "press" } };
  };
  await secured({ callback, concurrency: 1 });
  await desk.pub(`do.${topic}`, { id: "a" });
  await vi.waitFor(() => expect(begun).toEqual(["a"]));
  await desk.pub(`do.${topic}`, { id: "b" });
  await desk.interrupt("", "a", { throw: false });
  await desk.interrupt("", "b", { throw: false });
  const before = await desk.getRaw("a");

  finish();
  await order("c");

  expect(begun).toEqual(["a", "c"]);
  expect(await desk.getRaw("a")).toEqual(before);
});

test("a revoked role's worker does nothing more, and goes on when the role is back", patience, async () => {
  const given = { connection: url(), namespace: appId, roleName: login.user };
  await secured();
  await order("a");

  await HotMesh.revokeWorkerRole(given);
  await desk.pub(`do.${topic}`, { id: "b" });
  expect(await HotMesh.listWorkerRoles({ connection: url(), namespace: appId })).toMatchObject([
    { roleName: login.user, streamNames: [topic], revokedAt: expect.any(Date) },
  ]);
  await vi.waitFor(async () => expect(await rates()).toEqual([["engine", 0]]));
  await expect(secured({}, "another")).rejects.toMatchObject({ kind: "forbidden" });
  expect(begun).toEqual(["a"]);

  await HotMesh.provisionWorkerRole({ ...given, streamNames: [topic], password: login.password });
  await vi.waitFor(() => expect(begun).toEqual(["a", "b"]), 20_000);
  await HotMesh.rotateWorkerPassword({ ...given, newPassword: "another" });
  // Of a pool of its own, because connections that are open stay open.
  const fresh = { connection: { class: Client, options: address(`${appId} fresh`) } };
  await expect(secured(fresh, "another")).rejects.toMatchObject({ kind: "forbidden" });
  login = { ...login, password: "another" };
  await secured(fresh, "another");
});

test("F24 F9 what a role sends by hand changes no throttle, no version and no result", async () => {
  await desk.deploy(documentOf(appId, topics, "2"));
  const result = order("a");
  await vi.waitFor(async () => expect(await rows("select 1 from {{schema}}.worker_streams")).toHaveLength(1));
  const before = await rows("select id, status, version, state from {{schema}}.jobs");
  const [{ generation }] = await rows("select generation from {{schema}}.message where topic = $1", [topic]);
  const output = { metadata: { jid: "a", js: 0 }, data: { by: "forger" } };
  const announcement = { job: "a", generation, topic: `done.${topic}`, final: true, output, failure: null };
  const heard = vi.fn();
  await desk.sub(`done.${topic}`, heard);
  const said = [
    { type: "throttle", throttle: -1 },
    { type: "throttle", throttle: -1, guid: "desk", scope: "engines" },
    { type: "activate", cache_mode: "nocache", until_version: "2" },
    { type: "activate", cache_mode: "cache", until_version: "2" },
    { type: "job", topic: `done.${topic}`, job: output },
    { type: "work", originator: "forger" },
    { type: "rollcall", interval: 0 },
  ];
  const forger = new Client({ ...address("forger"), ...login });
  await forger.connect();
  const heardAll = vi.fn();
  await desk.subQuorum(heardAll);

  const say = (payload: object) =>
    forger.query("select pg_notify($1, $2)", [`hmsh:${appId}:q:`, JSON.stringify(payload)]);
  for (const body of said) {
    await say(body);
    await say({ from: "forger", c: "quorum", b: body });
  }
  for (const channel of ["job", "result/desk"])
    await say({ from: "forger", c: channel, b: { ...announcement, final: true } });
  await say({ type: "user", topic: "last", message: {} });
  await vi.waitFor(() =>
    expect(heardAll).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ topic: "last" })),
  );
  await forger.end();

  expect(await rates()).toEqual([["engine", 0]]);
  expect(await rows("select * from {{schema}}.throttles")).toEqual([]);
  expect(await rows("select version from {{schema}}.versions where status = 'activated'")).toEqual([{ version: "1" }]);
  expect(await rows("select id, status, version, state from {{schema}}.jobs")).toEqual(before);
  expect(JSON.stringify(heard.mock.calls)).not.toContain("forger");
  await secured();
  expect((await result).data).not.toEqual({ by: "forger" });
});

test.each<[string, Partial<HotMeshWorker>, string]>([
  ["a stream that is not the role's", { topic: colons }, "forbidden"],
  ["a password that is not the role's", { workerCredentials: { user: "", password: "no" } }, "forbidden"],
  ["a login without a name", { workerCredentials: { user: "", password: "" } }, "invalid-config"],
])("%s is refused by init, and leaves nothing open", async (_, over, kind) => {
  const options = { connectionString: url(), application_name: `${appId} refused` };
  const { workerCredentials: given } = over;
  const named = given?.password === "no" ? { workerCredentials: { user: login.user, password: "no" } } : {};

  await expect(secured({ connection: { class: Client, options }, ...over, ...named })).rejects.toMatchObject({ kind });

  await vi.waitFor(async () => expect(await usersOf(`${appId} refused`)).toEqual([]));
});

test("a connected client has logged in already, and is refused", async () => {
  const given = { class: sql, options: {}, provider: "postgres.poolclient" } as const;

  await expect(secured({ connection: given })).rejects.toMatchObject({ kind: "invalid-config" });
});

test("a backend has a login of its own, and is refused", async () => {
  const backend = memoryBackend({ clock: new TestClock() });
  const worker = { topic, backend, workerCredentials: login, callback: press };

  const joining = HotMesh.init({ appId, logLevel: "silent", workers: [worker] });

  await expect(joining).rejects.toMatchObject({ kind: "invalid-config" });
});

test("a role migrates nothing: without a schema init says who has to come first", async () => {
  const worker = { topic, connection: connection(), workerCredentials: login, callback: press };
  const early = HotMesh.init({ appId: `${appId}-early`, logLevel: "silent", workers: [worker] });

  await expect(early).rejects.toMatchObject({
    kind: "app-not-found",
    message: expect.stringContaining("init an engine"),
  });
  expect(await rows("select 1 from pg_namespace where nspname = $1", [`${appId}-early`])).toEqual([]);
});
