import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh } from "./index.js";
import { documentOf } from "./testing/mesh.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: parent
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        call:
          type: await
          topic: child
          input: { maps: { id: '{begin.output.data.child}', topic: '{begin.output.data.topic}' } }
          job: { maps: { child: '{$self.output.data.id}' } }
      transitions: { begin: [ { to: call } ] }
    - subscribes: child
      activities:
        born:
          type: trigger
          entity: '{$self.input.data.label}'
          stats:
            id: '{$self.input.data.id}'
            key: '{$self.input.data.key}'
            granularity: infinity
            measures: [ { measure: index, target: '{$self.input.data.facet}' } ]
          job: { maps: { id: '{$self.input.data.id}', _id: '{$self.input.data.id}' } }
        work: { type: worker, topic: '{born.output.data.topic}' }
      transitions: { born: [ { to: work } ] }
`;

/** Texts that cannot be compressed, so that a storage has to hold all of it. */
const text = (length: number): string => randomBytes(length).toString("base64url").slice(0, length);
const topic = "a:b,c/d 'e' \"f\" {g} 火 \u0000 \ud83d";
let app: SeedApp;
let mesh: HotMesh;

beforeAll(async () => {
  vi.stubEnv("HOTMESH_POSTGRES_FALLBACK_INTERVAL", "50");
  const worker = { topic, connection: connection(), callback: async () => ({ data: {} }) };
  app = await SeedApp.open("oddnames", [worker]);
  mesh = app.desk;
  await app.activate(document(app.appId));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await app.close();
});

const ended = (id: string) =>
  vi.waitFor(async () => {
    const state = await mesh.getState("", id);
    expect(state.metadata["js"]).toBe(0);
    return state;
  }, 5_000);

test.each([
  ["separators", ":,/;|~$.-_ %\n\t"],
  ["quotes", `'"\`\\''"" {$self.id} \\u0000`],
  ["no text of a database", "\u0000 \ud83d \u0001 0000"],
  ["other scripts", "火 🔥 é é ñ"],
  ["names of fields", "__proto__"],
  ["2,000 bytes", text(2_000)],
])("an id of %s is an id like any other, and is found again", async (name, id) => {
  const parent = `parent of ${name}`;
  await mesh.pub("parent", { id: parent, child: id, topic });

  expect(await ended(parent)).toMatchObject({ metadata: { jid: parent, state: "completed" }, data: { child: id } });
  expect(await mesh.getState("child", id)).toMatchObject({ metadata: { jid: id, pj: parent }, data: { id } });
  expect(await mesh.getQueryState(id, ["id", ":"])).toEqual({ id, ":": "0" });
  await expect(mesh.pub("child", { id, topic })).rejects.toMatchObject({ name: "DuplicateJobError", jobId: id });
  expect((await mesh.export(id)).status).toBe("0");
  await mesh.scrub(id);
  expect(await mesh.getRaw(id)).toEqual({});
});

test("what a job is counted by may be of any length", async () => {
  const key = text(6_000);
  await mesh.pub("child", { id: text(2_000), key, facet: text(6_000), topic });

  expect(await mesh.getStats("child", { data: { key } })).toMatchObject({ count: 1 });
});

test("a name that is too long to find anything by is refused, or is an error of its activity", async () => {
  const long = text(6_000);
  const refused = { code: 400, kind: "invalid-argument" };

  await expect(mesh.pub("child", { id: long, topic })).rejects.toMatchObject(refused);
  await expect(mesh.pub("child", { id: "e", topic }, undefined, { entity: long })).rejects.toMatchObject(refused);
  await expect(mesh.pub("child", { id: "l", topic, label: long })).rejects.toThrow("has 6000 bytes");
  await mesh.pub("child", { id: "t", topic: long });
  expect(JSON.parse(String((await ended("t")).metadata["err"]))).toMatchObject({
    ...{
      code: 500,
      message: expect.stringContaining("the topic of worker work has 6000 bytes; expected at most 2000"),
    },
  });
  await mesh.pub("parent", { id: "p", child: long, topic });
  expect(JSON.parse(String((await ended("p")).metadata["err"]))).toMatchObject({
    message: expect.stringContaining("6000 bytes"),
  });
  await mesh.pub("parent", { id: "q", child: "r", topic: long });
  expect((await ended("q")).metadata["state"]).toBe("failed");
});

test("a job that the storage refuses holds up no other, and goes on when it is not refused any more", async () => {
  await app.sql(`alter table "${app.appId}".job add constraint no_stone check (id <> 'stone')`);
  await mesh.pub("parent", { id: "stuck", child: "stone", topic });
  await mesh.pub("parent", { id: "free", child: "feather", topic });

  expect((await ended("free")).metadata["state"]).toBe("completed");
  expect(await mesh.getStatus("stuck")).toBe(1);

  await app.sql(`alter table "${app.appId}".job drop constraint no_stone`);
  await app.sql(`update "${app.appId}".message set visible_at = 1 where job_id = 'stone'`);
  expect((await ended("stuck")).metadata["state"]).toBe("completed");
});

test("F17 apps with names alike, and with odd ones, run beside each other and share nothing", async () => {
  const stem = `n${process.pid}`;
  const apps = [
    ...[`a--${stem}`, `a-${stem}`, `A-${stem}`, `9-${stem}`].map((appId) => ({ appId, namespace: "hmsh" })),
    ...[`a-${stem}`, "public"].map((appId) => ({ appId, namespace: stem })),
    { appId: `${stem}-${"x".repeat(80)}`, namespace: "hmsh" },
  ];
  const schemas = new Set<unknown>();
  const opened = await Promise.all(
    apps.map(async (config, n) => {
      const worker = { topic: "t:x", connection: connection(), callback: async () => ({ data: { by: String(n) } }) };
      const engine = { connection: connection() };
      const one = await HotMesh.init({ ...config, logLevel: "silent", engine, workers: [worker] });
      await one.deploy(documentOf(config.appId, ["t:x"]));
      await one.activate("1", 1);
      return one;
    }),
  );

  const outputs = await Promise.all(opened.map((one) => one.pubsub("do.t:x", { id: "same" })));

  expect(outputs.map(({ data }) => data?.["by"])).toEqual(apps.map((_, n) => String(n)));
  await opened[0]?.throttle({ throttle: 100 });
  const rates = opened.map(async (one) => (await one.rollCall(300)).map(({ throttle }) => throttle));
  expect(await Promise.all(rates)).toEqual(apps.map((_, n) => (n === 0 ? [100, 100] : [0, 0])));
  await Promise.all(opened.map((one) => one.stop()));
  for (const { nspname } of await app.sql("select nspname from pg_namespace where nspname like $1", [`%${stem}%`])) {
    schemas.add(nspname);
    await app.sql(`drop schema "${nspname}" cascade`);
  }
  expect(schemas.size).toBe(apps.length);
});
