import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { Escalations, HotMesh, type QuorumMessage, type WorkerCallback } from "./index.js";
import { bank } from "./testing/bank-document.js";
import { Elsewhere } from "./testing/elsewhere.js";
import { sealingCodec } from "./testing/sealing-codec.js";

const secret = "4929-1357-8642";
const card = { number: secret, tags: ["visa", { pin: secret }] };
const patience = { timeout: 20_000 };

let apps = 0;
let app = "";
let sql: Client;
let mesh: HotMesh;
const there: Elsewhere[] = [];
/** The whole database as text, again and again while jobs were at work. */
const dumps: string[] = [];
/** What workers were given. */
const given: unknown[] = [];
const logged: string[] = [];

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
const rows = async (text: string, values: unknown[] = []) =>
  (await sql.query(text.replaceAll("{{schema}}", `"${app}"`), values)).rows;

/** Every row of every table and view of this app, and of what all apps share. */
async function dump(): Promise<void> {
  const client = new Client(connection().options);
  await client.connect();
  try {
    const { rows: relations } = await client.query(
      `select format('%I.%I', n.nspname, c.relname) as name
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ($1, 'public') and c.relkind in ('r', 'v', 'm', 'p')`,
      [app],
    );
    const texts = [];
    for (const { name } of relations) {
      const { rows: found } = await client.query(`select t::text as row from ${name} as t`);
      texts.push(...found.map(({ row }) => `${name} ${row}`));
    }
    dumps.push(texts.join("\n"));
  } finally {
    await client.end();
  }
}

const charge: WorkerCallback = async ({ data, metadata }) => {
  given.push(data["card"]);
  await dump();
  if (data["id"] === "p1" && metadata.try === undefined) {
    return { status: "error", code: 503, data: { message: "busy", code: 503, error: { number: secret } } };
  }
  return { data: { receipt: { for: data["card"] } } };
};

const look: WorkerCallback = async ({ data }) => {
  given.push(data["card"]);
  await dump();
  return { data: { seen: [data["card"]] } };
};

const refuse: WorkerCallback = async () => {
  const data = { message: "refused", code: 422, error: { number: secret } };
  return { status: "error", code: 422, data };
};

const logger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void logged.push(message),
  error: (message: string) => void logged.push(message),
};

function join(): Promise<HotMesh> {
  const workers = Object.entries({ "card.charge": charge, "card.look": look, "card.no": refuse });
  return HotMesh.init({
    appId: app,
    logger,
    engine: { connection: connection() },
    workers: workers.map(([topic, callback]) => ({ topic, connection: connection(), callback })),
  });
}

beforeEach(async () => {
  apps += 1;
  app = `bank-${process.pid}-${apps}`;
  sql = new Client(connection().options);
  await sql.connect();
  mesh = await join();
  await mesh.deploy(bank(app));
  await mesh.activate("1", 20);
});

afterEach(async () => {
  HotMesh.registerCodec(null);
  for (const one of there.splice(0)) await one.leave();
  await HotMesh.stop();
  await sql.query("delete from public.hmsh_escalations where app_id = $1", [app]);
  await sql.query(`drop schema if exists "${app}" cascade`);
  await sql.end();
  for (const list of [dumps, given, logged]) list.length = 0;
});

const state = async (id: string) => (await mesh.getState("", id)).metadata["state"];
const until = (id: string, wanted: string) => vi.waitFor(async () => expect(await state(id)).toBe(wanted), patience);

/** Everything that makes the library keep a copy of a value. */
async function story(): Promise<void> {
  const heard: unknown[] = [];
  const shouted: QuorumMessage[] = [];
  await mesh.psub("card.*", (_, output) => heard.push(output.data));
  await mesh.subQuorum((_, message) => {
    if (message.type === "user") shouted.push(message);
  });

  await mesh.signal("card.approved", { id: "p2", proof: { number: secret } });
  await dump();
  await mesh.pub("card.pay", { id: "p1", holder: "Ada", card });
  await mesh.pub("card.pay", { id: "p2", holder: "Ada", card });
  await mesh.pub("card.refuse", { id: "r1", card });
  await mesh.pubQuorum({ type: "user", topic: "big", message: { card, long: "x".repeat(9_000) } });
  await dump();
  await until("p2", "completed");
  await until("r1", "failed");
  await vi.waitFor(async () => expect((await mesh.getState("", "p1")).data?.["seen"]).toBeDefined(), patience);
  await dump();
  await mesh.signal("card.approved", { id: "p1", proof: { number: secret } });
  await until("p1", "completed");
  await dump();
  await vi.waitFor(() => expect([heard.length, shouted.length]).toEqual([2, 1]), patience);
}

const done = {
  holder: "Ada",
  receipt: { for: card },
  seen: [card],
  proof: { number: secret },
};

test("F35 with a codec no copy of an object in the database shows what is in it", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));

  await story();

  expect(dumps.length).toBeGreaterThanOrEqual(8);
  expect(dumps.filter((text) => text.includes(secret))).toEqual([]);
  expect(dumps.at(-1)).toContain("Ada");
  expect(new Set(given.map((value) => JSON.stringify(value)))).toEqual(new Set([JSON.stringify(card)]));
  expect((await mesh.getState("", "p1")).data).toEqual(done);
  expect((await mesh.getState("", "p2")).data).toEqual(done);
  const failed = await mesh.getState("", "r1");
  expect(JSON.parse(String(failed.metadata["err"]))).toMatchObject({ code: 422, error: { number: secret } });
  const { activities } = await mesh.export("p1", { enrich_inputs: true });
  const attempts = activities?.filter(({ name }) => name === "charge");
  expect(attempts?.map(({ input, error }) => [input, error !== null])).toEqual([
    [{ id: "p1", card }, true],
    [{ id: "p1", card }, false],
  ]);
});

test("without a codec the same story leaves copies in clear in every table that keeps some", async () => {
  await story();

  const tables = new Set(
    dumps.flatMap((text) => text.split("\n").flatMap((row) => (row.includes(secret) ? [row.split(" ")[0]] : []))),
  );
  const expected = ["job", "activity", "message", "failed_attempt", "signal", "notice"];
  expect(expected.filter((table) => !tables.has(`"${app}".${table}`))).toEqual([]);
});

test("getRaw and the views show /b and the encoded text, and scalars in clear", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  await mesh.pub("card.seal", { id: "s1", card });
  await mesh.pub("card.refuse", { id: "r1", card });
  await until("r1", "failed");

  const raw = await mesh.getRaw("r1");
  const shown = await rows(
    "select symbol || dimension as key, value from {{schema}}.jobs_attributes where job_id = 'r1'",
  );
  const [activity] = await rows(
    "select input, output from {{schema}}.activities where job_id = 'r1' and activity_id = 'no'",
  );
  const [message] = await rows("select message from {{schema}}.worker_streams where jid = 's1'");

  expect(Object.fromEntries(shown.map(({ key, value }) => [key, value]))).toEqual(raw);
  expect(raw["no/input/data/card,0,0"]).toMatch(/^\/b[A-Za-z0-9+/=]{40,}$/);
  expect(activity.input.card).toBe(raw["no/input/data/card,0,0"]);
  expect(message.message.data).toEqual({ id: "s1", card: expect.stringMatching(/^\/b/) });
});

test("values from before a codec was registered stay readable, those of a codec are an error without it", async () => {
  await mesh.pub("card.seal", { id: "s1", card });
  HotMesh.registerCodec(sealingCodec("k1"));
  await mesh.pub("card.seal", { id: "s2", card });

  expect((await mesh.getState("", "s1")).data).toEqual({ card });
  expect((await mesh.getState("", "s2")).data).toEqual({ card });
  expect(await mesh.export("s1")).toMatchObject({ process: { "0": { come: { output: { data: { card } } } } } });

  HotMesh.registerCodec(null);
  expect((await mesh.getState("", "s1")).data).toEqual({ card });
  await expect(mesh.export("s2")).rejects.toMatchObject({ kind: "codec-missing" });
  await expect(mesh.getState("", "s2")).rejects.toThrow("registerCodec");
  expect(await mesh.getRaw("s2")).toMatchObject({ "data/card": expect.stringMatching(/^\/b/) });

  HotMesh.registerCodec(sealingCodec("k2"));
  await expect(mesh.getState("", "s2")).rejects.toMatchObject({ kind: "codec-failed" });
});

test("what a codec refuses to encode is refused, nothing of it is stored, and others go on", async () => {
  const codec = sealingCodec("k1");
  const encode = (json: string): string => {
    if (json.includes("cursed")) throw new Error("no key for it");
    return codec.encode(json);
  };
  HotMesh.registerCodec({ ...codec, encode });

  const outcomes = await Promise.allSettled([
    mesh.pub("card.refuse", { id: "c1", card: { number: "cursed" } }),
    mesh.pub("card.refuse", { id: "r1", card }),
  ]);

  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(outcomes[0]).toMatchObject({ reason: { kind: "codec-failed", message: expect.stringContaining("no key") } });
  await until("r1", "failed");
  await expect(mesh.getStatus("c1")).rejects.toMatchObject({ kind: "job-not-found" });
  expect(await rows("select key from {{schema}}.message where job_id = 'c1'")).toEqual([]);
});

test("a value that no codec can decode delays its own job, and no other; with the codec it goes on", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  await mesh.pub("card.pay", { id: "p1", holder: "Ada", card });
  await vi.waitFor(async () => expect((await mesh.getState("", "p1")).data?.["seen"]).toBeDefined(), patience);

  HotMesh.registerCodec(null);
  await rows(`select {{schema}}.signal('card.approved', '{"id":"p1","proof":{"by":"sql"}}')`);
  await vi.waitFor(() => expect(logged).toContain("engine-messages-postponed"), patience);
  await mesh.pubsub("card.refuse", { id: "r1", card: 1 }, null, 10_000).catch((error) => {
    expect(error).toMatchObject({ kind: "job-failed", code: 422 });
  });
  expect(await rows("select 1 from {{schema}}.message where parked_reason is not null")).toEqual([]);

  HotMesh.registerCodec(sealingCodec("k1"));
  await until("p1", "completed");
});

/** Stops the engines once they have taken up nothing more, and looks at what waits for them meanwhile. */
async function whilePaused(act: () => Promise<unknown>, kind: string): Promise<string> {
  await mesh.throttle({ throttle: -1, scope: "engines" });
  await act();
  const [message] = await vi.waitFor(async () => {
    const found = await rows("select body::text as body from {{schema}}.message where kind = $1", [kind]);
    expect(found).toHaveLength(1);
    return found;
  }, patience);
  await mesh.throttle({ throttle: 0, scope: "engines" });
  return message.body;
}

test("a worker with a login of its own encodes its answer, and is given what it can read", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  const role = { connection: inject("postgresUrl"), namespace: app, streamNames: ["card.wax"] };
  const { roleName: user, password } = await HotMesh.provisionWorkerRole(role);
  let answer = () => {};
  const callback: WorkerCallback = async ({ data }) => {
    given.push(data["card"]);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return { data: { by: { card: data["card"] } } };
  };
  try {
    const worker = { topic: "card.wax", connection: connection(), workerCredentials: { user, password }, callback };
    const waxer = await HotMesh.init({ appId: app, guid: "waxer", logLevel: "silent", workers: [worker] });
    await mesh.pub("card.seal", { id: "s1", card });
    await vi.waitFor(() => expect(given).toEqual([card]), patience);

    const body = await whilePaused(async () => answer(), "complete");

    expect(body).toContain("codec");
    expect(body).not.toContain(secret);
    await until("s1", "completed");
    expect((await mesh.getState("", "s1")).data).toEqual({ card, by: { card } });
    await waxer.stop();
  } finally {
    await sql.query(`drop owned by "${user}"`);
    await sql.query(`drop role "${user}"`);
  }
});

test("a job hears of a resolved work item in a message that is encoded", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  const people = new Escalations.Client({ connection: connection() });
  await mesh.pub("card.ask", { id: "a1" });
  const [item] = await rows("select id from public.hmsh_escalations where app_id = $1", [app]);

  const body = await whilePaused(
    () => people.resolve({ id: item.id, resolverPayload: { proof: { number: secret } } }),
    "signal",
  );

  expect(body).toContain("codec");
  expect(body).not.toContain(secret);
  await until("a1", "completed");
  expect((await mesh.getState("", "a1")).data).toEqual({ proof: { number: secret } });
});

test("processes that share a codec understand each other", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  const spec = { connection: inject("postgresUrl"), appId: app, guid: "there", topics: ["card.wax"], patterns: [] };
  const other = await Elsewhere.join({ ...spec, engine: "whole", codecKey: "k1" });
  there.push(other);

  await mesh.pub("card.seal", { id: "s1", card });
  await other.call("pub", "card.pay", { id: "p1", holder: "Ada", card });
  await mesh.signal("card.approved", { id: "p1", proof: { number: secret } });
  const news: QuorumMessage = { type: "user", topic: "big", message: { card, long: "x".repeat(9_000) } };
  await mesh.pubQuorum(news);
  await vi.waitFor(() => expect(other.heard.map(({ message }) => message)).toContainEqual(news), patience);
  await until("s1", "completed");
  await until("p1", "completed");
  await dump();

  expect((await mesh.getState("", "s1")).data).toEqual({ by: "there", card });
  expect((await mesh.getState("", "p1")).data).toEqual(done);
  expect(dumps.filter((text) => text.includes(secret))).toEqual([]);
});

test("a process without the codec leaves to the others what it cannot read", async () => {
  HotMesh.registerCodec(sealingCodec("k1"));
  const spec = {
    connection: inject("postgresUrl"),
    appId: app,
    guid: "blind",
    topics: ["card.charge", "card.ink"],
    patterns: [],
  };
  there.push(await Elsewhere.join({ ...spec, engine: "whole" }));

  await mesh.pub("card.stamp", { id: "i1", card });
  const ids = Array.from({ length: 6 }, (_, n) => `b${n}`);
  for (const id of ids) {
    await mesh.signal("card.approved", { id, proof: { number: secret } });
    await mesh.pub("card.pay", { id, holder: "Ada", card });
  }
  for (const id of ids) await until(id, "completed");

  expect((await mesh.getState("", "b5")).data).toEqual(done);
  await until("i1", "completed");
  expect((await mesh.getState("", "i1")).data).toEqual({ card, by: "blind" });
  expect(there[0]?.begun.map(({ id }) => id)).toEqual(["i1"]);
  expect(await rows("select 1 from {{schema}}.message where parked_reason is not null")).toEqual([]);
});
