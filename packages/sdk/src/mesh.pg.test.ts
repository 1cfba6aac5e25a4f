import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh, type QuorumMessage } from "./index.js";
import { type Begun, documentOf } from "./testing/mesh.js";

const topics = ["label.print", "fee.collect"];
const program = fileURLToPath(new URL("./testing/mesh-process.ts", import.meta.url));
/** Real time passes here, and other processes start. */
const patience = { timeout: 90_000 };
const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });

let apps = 0;
let appId = "";
let sql: Client;
let desk: HotMesh;
const processes = new Map<string, ChildProcess>();
const begun: Begun[] = [];

/** Another process, with an engine and a worker for each topic. */
async function join(guid: string): Promise<void> {
  const child = fork(program, [inject("postgresUrl"), appId, guid, ...topics], { execArgv: ["--import", "tsx"] });
  processes.set(guid, child);
  child.on("message", (message: Begun | { readonly ready: string }) => {
    if ("topic" in message) begun.push(message);
  });
  await once(child, "message");
}

async function leave(guid: string): Promise<void> {
  const child = processes.get(guid);
  processes.delete(guid);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.send("stop");
  await once(child, "exit");
}

async function order(topic: string, count: number, from = 0): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `${topic}/${from + index}`);
  await Promise.all(ids.map((id) => desk.pub(`do.${topic}`, { id })));
}

const memberNames = async (delay = 500): Promise<readonly string[]> =>
  (await desk.rollCall(delay)).map(({ engine_id: id, worker_topic: topic }) => `${id} ${topic ?? "engine"}`).sort();
const namesOf = (guid: string): readonly string[] =>
  ["engine", "fee.collect", "label.print"].map((n) => `${guid} ${n}`);
const rows = async (view: string) => (await sql.query(`select * from "${appId}".${view}`)).rows;

/** Every member obeys this rate by now. */
async function obeyed(rate: number, members: number): Promise<void> {
  await vi.waitFor(async () => {
    const profiles = await desk.rollCall(400);
    expect(profiles.map(({ throttle }) => throttle)).toEqual(Array(members).fill(rate));
  }, 10_000);
}

beforeEach(async () => {
  apps += 1;
  appId = `mesh${process.pid}x${apps}`;
  begun.length = 0;
  sql = new Client(connection().options);
  await sql.connect();
  desk = await HotMesh.init({ appId, guid: "desk", logLevel: "silent", engine: { connection: connection() } });
  await desk.deploy(documentOf(appId, topics));
  await desk.activate("1", 20);
  await Promise.all(["van-17", "van-18"].map(join));
});

afterEach(async () => {
  await Promise.all([...processes.keys()].map(leave));
  await HotMesh.stop();
  await sql.query(`drop schema if exists "${appId}" cascade`);
  await sql.end();
});

test(
  "S87 S88 S89 S91 F23 a roll call of three processes is complete, and a killed member disappears",
  patience,
  async () => {
    expect(await memberNames()).toEqual(["desk engine", ...namesOf("van-17"), ...namesOf("van-18")]);
    await desk.throttle({ throttle: -1, scope: "workers" });
    await order("label.print", 2);
    await order("fee.collect", 3);
    const [profiles, again] = await Promise.all([desk.rollCall(500), desk.rollCall(400)]);

    expect([profiles.length, again.length]).toEqual([7, 7]);
    for (const { worker_topic: topic, stream_depth: depth, system } of profiles) {
      expect(depth).toBe(topic === "label.print" ? 2 : topic === "fee.collect" ? 3 : 0);
      expect(system?.CPULoad.every((load) => Object.values(load).every((share) => /^\d+\.\d%$/.test(share)))).toBe(
        true,
      );
      expect(system?.NetworkStats.map(({ iface }) => iface)).toContain("lo");
    }
    processes.get("van-18")?.kill("SIGKILL");
    await vi.waitFor(async () => expect(await memberNames()).toEqual(["desk engine", ...namesOf("van-17")]), 10_000);
  },
);

test(
  "S94 S100 S103 S120 at 500 ms a message 20 messages take 10 s, on exactly the member that was told",
  patience,
  async () => {
    await desk.throttle({ throttle: 500, topic: "label.print", guid: "van-17" });
    await desk.throttle({ throttle: -1, topic: "label.print", guid: "van-18" });
    await vi.waitFor(async () => {
      const rates = (await desk.rollCall(400)).map(({ throttle }) => throttle);
      expect(rates.sort()).toEqual([-1, 0, 0, 0, 0, 0, 500]);
    }, 10_000);

    await order("label.print", 21);
    await order("fee.collect", 21);
    await vi.waitFor(() => expect(begun).toHaveLength(42), 15_000);

    const slow = begun.filter(({ topic }) => topic === "label.print");
    const first = slow[0]?.at ?? 0;
    const meanMs = ((slow.at(-1)?.at ?? 0) - first) / 20;
    expect(new Set(slow.map(({ guid }) => guid))).toEqual(new Set(["van-17"]));
    expect(meanMs).toBeGreaterThanOrEqual(490);
    expect(meanMs).toBeLessThanOrEqual(600);
    const fast = begun.filter(({ topic }) => topic === "fee.collect").map(({ at }) => at);
    expect(Math.max(...fast) - first).toBeLessThan(5_000);
  },
);

test(
  "S96 S97 S116 S117 F20 a pause holds no message, one that joins obeys it, and it loses nothing",
  patience,
  async () => {
    await desk.throttle({ throttle: -1, scope: "workers" });
    await vi.waitFor(async () => {
      const profiles = (await desk.rollCall(400)).filter(({ worker_topic: topic }) => topic !== undefined);
      expect(profiles.map(({ throttle }) => throttle)).toEqual([-1, -1, -1, -1]);
    }, 10_000);
    await order("label.print", 10);
    await desk.throttle({ throttle: -1 });
    await obeyed(-1, 7);
    await order("fee.collect", 10);

    await join("van-19");
    await obeyed(-1, 10);

    expect(begun).toEqual([]);
    expect((await rows("worker_streams")).map(({ topic, reserved_by: by }) => [topic, by])).toEqual(
      Array(10).fill(["label.print", null]),
    );
    await desk.throttle({ throttle: 0 });
    await vi.waitFor(
      async () => expect((await rows("jobs")).every(({ status }) => Number(status) === 0)).toBe(true),
      10_000,
    );
    expect(begun.map(({ id }) => id).sort()).toEqual(
      ["fee.collect", "label.print"].flatMap((topic) =>
        Array.from({ length: 10 }, (_, index) => `${topic}/${index}`).sort(),
      ),
    );
  },
);

test("S41 S42 two instances that activate one version at once switch it once", async () => {
  const other = await HotMesh.init({ appId, guid: "other", logLevel: "silent", engine: { connection: connection() } });
  const modes: string[] = [];
  await other.subQuorum((_, message) => message.type === "activate" && modes.push(message.cache_mode));
  await desk.deploy(documentOf(appId, topics, "2"));

  expect(await Promise.all([desk.activate("2", 100), other.activate("2", 100)])).toEqual([true, true]);

  expect(modes).toEqual(["nocache", "cache"]);
  await order("label.print", 1);
  expect((await rows("jobs")).map(({ version }) => version)).toEqual(["2"]);
});

test("F9 nothing that is sent by hand can end a process, or is stored", async () => {
  const types = ["ping", "pong", "activate", "throttle", "job", "user", "work", "cron", "rollcall", "duress", "shout"];
  const malformed = [
    ...types.map((type) => JSON.stringify({ type })),
    ...types.map((type) => JSON.stringify({ from: "someone", c: "quorum", b: { type, topic: 7, guid: [] } })),
    '{"type":"throttle","throttle":3e9}',
    '{"type":"rollcall","interval":-1,"max":-1}',
    '{"from":"someone","c":"quorum","r":"no such notice"}',
    '{"from":"someone","c":"job","b":{"job":{}}}',
    "{",
    "shout",
    "",
  ];
  await desk.subQuorum(() => {
    throw new Error("no");
  });
  for (const payload of malformed) await sql.query("select pg_notify($1, $2)", [`hmsh:${appId}:q:`, payload]);

  await order("label.print", 3);
  await vi.waitFor(() => expect(begun).toHaveLength(3), 10_000);

  expect(await memberNames()).toHaveLength(7);
  expect(await rows("throttles")).toEqual([]);
});

test("S75 a message that a person sends by hand is heard", async () => {
  const heard: QuorumMessage[] = [];
  await desk.subQuorum((_, message) => heard.push(message));
  const message = { type: "user", topic: "settings.reload", message: { by: "hand" } };

  await sql.query("select pg_notify($1, $2)", [`hmsh:${appId}:q:`, JSON.stringify(message)]);

  await vi.waitFor(() => expect(heard).toEqual([message]));
});

test("S93 the views show what was commanded, and who is there", async () => {
  await desk.throttle({ throttle: 250, topic: "label.print" });
  await desk.throttle({ throttle: -1, scope: "engines", guid: "van-18" });
  await leave("van-17");

  expect(
    (await rows("throttles")).map(({ topic, guid, scope, throttle }) => [topic, guid, scope, Number(throttle)]),
  ).toEqual(
    expect.arrayContaining([
      ["label.print", expect.toBeOneOf([null, ""]), "workers", 250],
      [expect.toBeOneOf([null, ""]), "van-18", "engines", -1],
    ]),
  );
  expect((await rows("members")).map(({ guid, role, topic }) => `${guid} ${topic || role}`).sort()).toEqual([
    "desk engine",
    ...namesOf("van-18"),
  ]);
});
