import { Client } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HotMesh } from "./index.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: kiln.load
      activities:
        load: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        fire: { type: await, topic: pot.fire, input: { maps: { id: '{load.output.data.pot}' } } }
      transitions: { load: [ { to: fire } ] }
    - subscribes: pot.fire
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' }, job: { maps: { id: '{$self.input.data.id}' } } }
        cool: { type: hook, sleep: 3600 }
        lift: { type: hook }
      transitions: { begin: [ { to: cool }, { to: lift } ] }
      hooks:
        pot.lifted:
          - to: lift
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: do.broken
      expire: 60
      activities:
        begin2: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work2: { type: worker, topic: broken }
      transitions: { begin2: [ { to: work2 } ] }
    - subscribes: do.silent
      activities:
        begin3: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work3: { type: worker, topic: silent }
      transitions: { begin3: [ { to: work3 } ] }
`;

const views = [
  ...["jobs", "jobs_attributes", "activities", "hooks", "signals", "engine_streams", "worker_streams"],
  ...["throttles", "members", "versions"],
];

let app: SeedApp;
let mesh: HotMesh;

beforeAll(async () => {
  const broken = async () => {
    throw new Error("cracked");
  };
  app = await SeedApp.open("jobviews", [
    { topic: "broken", connection: connection(), retryPolicy: { maximumAttempts: 1 }, callback: broken },
    { topic: "silent", connection: connection(), callback: async () => {} },
  ]);
  mesh = app.desk;
  await app.activate(document(app.appId));
});

afterAll(() => app.close());

test.each([
  ["NUL", "ends with NUL \u0000", "kid \u0000 \u0001 0000"],
  ["half a character", "half \ud83d of it", "\ud83d\ud83d"],
  ["quotes and slashes", `a "b" \\u0000 c`, "a/b,c:d'e\\"],
])("people see jobs whose ids have %s, and find the parent of a child", async (_, id, pot) => {
  await mesh.pub("kiln.load", { id, pot });
  await vi.waitFor(async () => expect(await mesh.getStatus(pot)).toBe(2), 5_000);

  for (const view of views) expect(await app.rows(view)).toBeInstanceOf(Array);
  expect(
    await app.sql(
      `select child.topic, child.state, child.origin_id = parent.id as stems, a.activity_id
       from "${app.appId}".jobs as child
       join "${app.appId}".jobs as parent on parent.id = child.parent_id
       join "${app.appId}".activities as a on a.job_id = parent.id and a.state = 'open'
       where parent.id = $1`,
      [(await storedId(id)) ?? "none"],
    ),
  ).toEqual([{ topic: "pot.fire", state: "running", stems: true, activity_id: "fire" }]);
  expect((await mesh.getState("pot.fire", pot)).metadata).toMatchObject({ jid: pot, pj: id, pa: "fire", pd: ",0,0" });
  await mesh.scrub(id);
  await mesh.scrub(pot);
});

async function sqlAs(role: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(connection().options);
  await client.connect();
  try {
    await client.query(`set role ${role}`);
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The id as the views show it: what text cannot hold is written as U+0001 and four digits. */
async function storedId(id: string): Promise<unknown> {
  const { gid } = (await mesh.getState("", id)).metadata;
  return (await app.sql(`select id from "${app.appId}".job where generation = $1`, [gid]))[0]?.["id"];
}

test("a message that was consumed without an answer is in no view, and its activity is open", async () => {
  await mesh.pub("do.silent", { id: "silent" });

  await vi.waitFor(async () => expect(await app.rows("worker_streams where jid = 'silent'")).toEqual([]), 5_000);
  expect(await app.rows("activities where job_id = 'silent' and activity_id = 'work3'")).toMatchObject([
    { state: "open", type: "worker", topic: "silent" },
  ]);
  expect(await mesh.getStatus("silent")).toBe(1);
});

test("a wait that has stored nothing is an open pass of its type", async () => {
  await mesh.pub("pot.fire", { id: "still" });

  expect(await app.rows("activities where job_id = 'still' and state = 'open' order by activity_id")).toMatchObject([
    { activity_id: "cool", type: "hook", topic: null, dad: ",0,0", attempts: "1", started_at: expect.any(Date) },
    { activity_id: "lift", type: "hook", topic: "pot.lifted", dad: ",0,0", attempts: "1", completed_at: null },
  ]);
  await mesh.scrub("still");
});

test("members are seen for 60 s, and what neither they nor a command name is null", async () => {
  await mesh.throttle({ throttle: 0 });
  await mesh.throttle({ throttle: 0, topic: "silent", guid: "nobody" });

  expect(await app.rows("throttles order by topic nulls first")).toMatchObject([
    { topic: null, guid: null, scope: "all", throttle: "0" },
    { topic: "silent", guid: "nobody", scope: "workers", throttle: "0" },
  ]);
  expect(await app.rows("members order by role, topic")).toMatchObject([
    { guid: "desk", role: "engine", topic: null, version: "1" },
    { guid: "desk", role: "worker", topic: "broken" },
    { guid: "desk", role: "worker", topic: "silent" },
  ]);
  await app.sql(
    `insert into "${app.appId}".member (guid, role, topic, connected_at, seen_at)
     select guid, 'engine', '', 0, floor(extract(epoch from clock_timestamp()) * 1000) - age
     from (values ('lost', 60000), ('quiet', 50000)) as m(guid, age)`,
  );
  expect(await app.rows("members where guid <> 'desk'")).toMatchObject([{ guid: "quiet" }]);
});

test("an expired job is in no view, with all that belongs to it, and nothing finds it", async () => {
  await mesh.pub("do.broken", { id: "gone" });
  await vi.waitFor(async () => expect(await mesh.getStatus("gone")).toBe(0), 5_000);
  expect(await app.rows("worker_streams where jid = 'gone'")).toHaveLength(1);

  await app.sql(`update "${app.appId}".job set expire_at = updated_at - 1 where id = 'gone'`);

  expect(await app.rows("jobs where id = 'gone'")).toEqual([]);
  expect(await app.rows("jobs_attributes where job_id = 'gone'")).toEqual([]);
  expect(await app.rows("activities where job_id = 'gone'")).toEqual([]);
  expect(await app.rows("worker_streams where jid = 'gone'")).toEqual([]);
  await expect(mesh.getState("do.broken", "gone")).rejects.toMatchObject({ name: "GetStateError", code: 404 });
  await expect(mesh.getStatus("gone")).rejects.toThrow("Job gone not found");
  expect(await mesh.getRaw("gone")).toEqual({});
  expect(await mesh.getQueryState("gone", [":"])).toEqual({ ":": null });
  await expect(mesh.interrupt("do.broken", "gone")).rejects.toThrow("Job gone not found");
  await expect(mesh.resume("gone")).rejects.toThrow("Job gone not found");
  expect(await mesh.pub("do.broken", { id: "gone" })).toBe("gone");
});

test("a login that may only read the views reads all of them", async () => {
  const reader = `reader_${app.appId}`;
  await app.sql(`create role ${reader}`);
  try {
    await app.sql(`grant usage on schema "${app.appId}" to ${reader}`);
    const names = views.map((view) => `"${app.appId}".${view}`).join(", ");
    await app.sql(`grant select on ${names} to ${reader}`);
    await app.sql(`select "${app.appId}".set_rights()`);
    await mesh.pub("do.broken", { id: "seen" });
    await vi.waitFor(async () => expect(await app.rows("worker_streams where jid = 'seen'")).toHaveLength(1), 5_000);

    for (const view of views) {
      const own = await app.sql(`select * from "${app.appId}".${view}`);
      expect(await sqlAs(reader, `select * from "${app.appId}".${view}`), view).toEqual(own);
    }
    await expect(sqlAs(reader, `select * from "${app.appId}".job`)).rejects.toThrow("permission denied");
    await expect(sqlAs(reader, `delete from "${app.appId}".jobs`)).rejects.toThrow("permission denied");
  } finally {
    await app.sql(`drop owned by ${reader}`);
    await app.sql(`drop role ${reader}`);
  }
});
