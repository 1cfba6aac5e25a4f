import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { DBA, HotMesh } from "./index.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: wait
      expire: 600
      activities:
        start: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        hold: { type: hook, job: { maps: { text: '{$self.hook.data.text}' } } }
      transitions: { start: [ { to: hold } ] }
      hooks:
        go:
          - to: hold
            conditions: { match: [ { expected: '{start.output.data.id}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: keep
      expire: 0
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' }, job: { maps: { id: '{$self.input.data.id}' } } }
        work: { type: worker, topic: dba.work, retry: { '500': [ 2 ] } }
      transitions: { begin: [ { to: work } ] }
`;

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
const nothing = {
  jobs: 0,
  streams: 0,
  engineStreams: 0,
  workerStreams: 0,
  attributes: 0,
  transient: 0,
  marked: 0,
  signals: 0,
};
let apps = 0;
let app = "";
let mesh: HotMesh;
let sql: Client;

beforeEach(async () => {
  apps += 1;
  app = `dba-${process.pid}-${apps}`;
  mesh = await HotMesh.init({
    appId: app,
    logLevel: "silent",
    engine: { connection: connection() },
    workers: [{ topic: "dba.work", connection: connection(), callback: async () => ({ data: { done: true } }) }],
  });
  await mesh.deploy(document(app));
  await mesh.activate("1", 1);
  sql = new Client(connection().options);
  await sql.connect();
});

afterEach(async () => {
  await HotMesh.stop();
  await sql.query(`drop schema if exists "${app}" cascade`);
  await sql.end();
});

const prune = (more: object = {}) => DBA.prune({ appId: app, connection: connection(), ...more });

/** A finished job without an expiry, or with one so many days ago; its label. */
async function finished(id: string, { expired, entity }: { expired?: number; entity?: string } = {}): Promise<void> {
  await mesh.pub("keep", { id });
  await vi.waitFor(async () => expect(await mesh.getStatus(id)).toBe(0), 10_000);
  const day = 86_400_000;
  await sql.query(
    `update "${app}".job set updated_at = updated_at - $2, entity = $3, expire_at = updated_at - $4::bigint
      where id = $1`,
    [id, 30 * day, entity ?? null, expired === undefined ? null : expired * day],
  );
}

async function ids(): Promise<readonly string[]> {
  return (await sql.query(`select id from "${app}".job order by id`)).rows.map(({ id }) => id);
}

test("an open wait is never pruned: after a month its signal still resumes the job", async () => {
  await mesh.pub("wait", { id: "w" });
  const month = 30 * 86_400_000;
  await sql.query(`update "${app}".job set created_at = created_at - $1, updated_at = updated_at - $1`, [month]);
  await sql.query(`update "${app}".hook set opened_at = opened_at - $1`, [month]);

  const result = await prune({ expire: 0, kept: true, attributes: true, pruneTransient: true });

  expect(result).toEqual(nothing);
  await mesh.signal("go", { id: "w", text: "still there" });
  await vi.waitFor(async () => expect((await mesh.getState("wait", "w")).data).toEqual({ text: "still there" }));
});

test("jobs go when they have been expired for long enough, and kept ones only when that is asked for", async () => {
  await mesh.stop();
  mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });
  await mesh.stop();
  const day = 86_400_000;
  const insert = `insert into "${app}".job
      (id, generation, revision, plan, topic, version, phase, status, control, fields, entity, created_at, updated_at,
      expire_at)
    select x.id, x.id, 1, '', 'keep', '1', x.phase, x.status, '{}', '{}', x.entity, 0, n.now - 30 * $1::bigint,
      n.now - x.days * $1::bigint
    from (values ('old', 'completed', 0, null, 8), ('young', 'completed', 0, null, 6),
      ('fruit', 'failed', 0, 'fruit', 9), ('nut', 'completed', 0, 'nut', 9), ('kept', 'completed', 0, null, null),
      ('runs', 'running', 1, null, null)
    ) as x(id, phase, status, entity, days)
    cross join (select floor(extract(epoch from now()) * 1000)::bigint as now) as n`;
  await sql.query(insert, [day]);

  expect(await prune({ entities: ["fruit"] })).toEqual({ ...nothing, jobs: 1 });
  expect(await ids()).toEqual(["kept", "nut", "old", "runs", "young"]);
  expect(await prune({ jobs: false })).toEqual(nothing);
  expect(await prune({ entities: ["none"], pruneTransient: true })).toEqual({ ...nothing, transient: 1 });
  expect(await ids()).toEqual(["kept", "nut", "runs", "young"]);
  expect(await prune({ expire: "5 days" })).toEqual({ ...nothing, jobs: 2 });
  expect(await prune({ kept: true })).toEqual({ ...nothing, jobs: 1 });
  expect(await ids()).toEqual(["runs"]);
});

test("attributes: what activities made goes, and the job with its data stays and says when", async () => {
  await finished("a");
  await finished("b");
  await sql.query(`update "${app}".activity set type = 'hook' where job_id = 'b' and activity_id = 'begin'`);

  const kept = await prune({ attributes: true, keepHmark: true });

  expect(kept).toEqual({ ...nothing, attributes: 3, marked: 2 });
  expect(await prune({ attributes: true })).toEqual(nothing);
  expect((await mesh.getState("keep", "a")).data).toEqual({ id: "a" });
  expect(await mesh.getRaw("a")).toMatchObject({ ":": "0", "data/id": "a" });
  expect(await mesh.export("a", { enrich_inputs: true })).toMatchObject({ status: "0" });
  const { rows } = await sql.query(`select pruned_at is not null as pruned from "${app}".jobs`);
  expect(rows).toEqual([{ pruned: true }, { pruned: true }]);
});

test("streams: attempts of finished jobs and dead letters go, each kind by itself", async () => {
  await finished("a");
  await mesh.pub("wait", { id: "w" });
  await mesh.stop();
  await sql.query(`insert into "${app}".failed_attempt
      (key, topic, kind, job_id, body, error, attempt, created_at, visible_at, failed_at)
    values ('e', null, 'wake', 'a', '{}', '{}', 0, 0, 0, 0), ('w', 't', 'work', 'a', '{}', '{}', 0, 0, 0, 0),
      ('gone', 't', 'work', 'nobody', '{}', '{}', 0, 0, 0, 0), ('live', 't', 'work', 'w', '{}', '{}', 0, 0, 0, 0)`);
  await sql.query(`insert into "${app}".message
      (key, topic, kind, body, visible_at, attempt, created_at, dead_lettered_at, parked_reason)
    values ('dead', 't', 'work', '{}', 0, 0, 0, 1, null), ('aside', null, 'request', '{}', 0, 0, 0, null, 'why'),
      ('waits', 't', 'work', '{}', 0, 0, 0, null, null)`);

  expect(await prune({ streams: false })).toEqual(nothing);
  expect(await prune({ workerStreams: false })).toEqual({ ...nothing, streams: 2, engineStreams: 2 });
  expect(await prune({ workerStreamsExpire: "1000000 days" })).toEqual(nothing);
  expect(await prune()).toEqual({ ...nothing, streams: 3, workerStreams: 3 });
  const left = await sql.query(`select key from "${app}".failed_attempt union all select key from "${app}".message`);
  expect(left.rows).toEqual([{ key: "live" }, { key: "waits" }]);
});

test("early signals go when they have expired for so long", async () => {
  await mesh.signal("go", { id: "nobody" });
  await mesh.stop();

  expect(await prune({ expire: 0 })).toEqual(nothing);
  await sql.query(`update "${app}".signal set keep_until = 1`);
  expect(await prune({ signals: false })).toEqual(nothing);
  expect(await prune()).toEqual({ ...nothing, signals: 1 });
});

test("deploy makes the function, which SQL calls by itself, and refuses nonsense", async () => {
  const other = `${app}-fresh`;
  await DBA.deploy(connection(), other);

  const { rows } = await sql.query(`select "${other}".prune(expire => interval '1 day', kept => true) as counts`);

  expect(rows).toEqual([{ counts: nothing }]);
  await sql.query(`drop schema "${other}" cascade`);
  await expect(sql.query(`select "${app}".prune(interval '-1 day')`)).rejects.toThrow("expire is -1 days");
  expect(() => prune({ expire: "soon" })).toThrow("expire is 'soon'");
});
