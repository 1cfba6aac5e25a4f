import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { HotMesh } from "./index.js";

const run = promisify(execFile);
const hasPsql = spawnSync("psql", ["--version"]).status === 0;

const orchard = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: apples.weigh
      input: { validate: true, schema: { type: object, properties: { apples: { type: number } } } }
      activities:
        basket: { type: trigger }
        scale:
          type: worker
          topic: scale.read
          input: { maps: { apples: '{basket.output.data.apples}' } }
          job: { maps: { grams: '{$self.output.data.grams}' } }
      transitions: { basket: [ { to: scale } ] }
    - subscribes: cider.press
      activities:
        press: { type: trigger, stats: { id: '{$self.input.data.barrel}' } }
        ripen: { type: hook, job: { maps: { verdict: '{$self.hook.data.verdict}' } } }
      transitions: { press: [ { to: ripen } ] }
      hooks:
        cider.tasted:
          - to: ripen
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.barrel}' } ] }
`;

let apps = 0;
let app = "";
let sql: Client;
let mesh: HotMesh;

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
const call = async (text: string, values: unknown[] = []): Promise<string> =>
  (await sql.query(`select "${app}".${text} as id`, values)).rows[0].id;

async function client(): Promise<Client> {
  const opened = new Client(connection().options);
  await opened.connect();
  return opened;
}

/** The data of a job, once it has ended. */
async function ended(id: string): Promise<unknown> {
  return vi.waitFor(async () => {
    const output = await mesh.getState("", id);
    expect(output.metadata["state"]).toBe("completed");
    return output.data;
  }, 10_000);
}

/** Why messages were put aside. */
async function putAside(count: number): Promise<readonly string[]> {
  return vi.waitFor(async () => {
    const { rows } = await sql.query(
      `select error ->> 'message' as why from "${app}".engine_streams where error is not null`,
    );
    expect(rows).toHaveLength(count);
    return rows.map(({ why }) => why);
  }, 10_000);
}

function join(): Promise<HotMesh> {
  return HotMesh.init({
    appId: app,
    logLevel: "silent",
    engine: { connection: connection() },
    workers: [
      {
        topic: "scale.read",
        connection: connection(),
        callback: async ({ data }) => ({ data: { grams: Number(data["apples"]) * 150 } }),
      },
    ],
  });
}

beforeEach(async () => {
  apps += 1;
  app = `orchard-${process.pid}-${apps}`;
  sql = await client();
  mesh = await join();
  await mesh.deploy(orchard(app));
  await mesh.activate("1", 20);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await HotMesh.stop();
  for (const name of new Set([app, app.replace("-bare", "")]))
    await sql.query(`drop schema if exists "${name}" cascade`);
  await sql.end();
});

test.runIf(hasPsql)("A5 a job that psql starts runs, and a signal that psql sends resumes", async () => {
  const psql = async (text: string): Promise<string> =>
    (
      await run("psql", [inject("postgresUrl"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", text])
    ).stdout.trim();

  const weighed = await psql(`select "${app}".pub('apples.weigh', '{"apples":3}')`);
  await psql(`begin; select "${app}".pub('cider.press', '{"barrel":"B1"}'); commit`);
  await psql(`begin; select "${app}".pub('cider.press', '{"barrel":"B2"}'); rollback`);
  await vi.waitFor(async () => expect(await mesh.getStatus("B1")).toBe(1));
  await psql(`select "${app}".signal('cider.tasted', '{"barrel":"B1","verdict":"dry"}', 'success', 200)`);

  expect(weighed).toMatch(/^H[A-Za-z0-9_-]{22}$/);
  expect(await ended(weighed)).toEqual({ grams: 450 });
  expect(await ended("B1")).toEqual({ verdict: "dry" });
  await expect(mesh.getStatus("B2")).rejects.toMatchObject({ kind: "job-not-found" });
});

test("A5 what SQL starts exists when its transaction commits, and engines hear of it then, once", async () => {
  const heard: string[] = [];
  const ear = await client();
  ear.on("notification", ({ payload = "" }) => {
    if (payload.includes('"lane"')) heard.push(payload);
  });
  await ear.query(`listen "hmsh:${app}:q:"`);

  await sql.query("begin");
  const ids = [await call(`pub('apples.weigh', '{"apples":1}')`), await call(`pub('apples.weigh', '{"apples":2}')`)];
  await ear.query("select 1");
  const before = [...heard];
  await sql.query("commit");
  await sql.query("begin");
  const undone = await call(`pub('apples.weigh', '{"apples":3}')`);
  await sql.query("rollback");

  expect(await Promise.all(ids.map(ended))).toEqual([{ grams: 150 }, { grams: 300 }]);
  await expect(mesh.getStatus(undone)).rejects.toMatchObject({ kind: "job-not-found" });
  await vi.waitFor(() => expect(heard).not.toEqual([]));
  expect(before).toEqual([]);
  expect(heard.filter((payload) => payload.includes('"from":""'))).toHaveLength(1);
  await ear.end();
});

test("A5 without notifications what SQL stored is found by looking", async () => {
  await HotMesh.stop();
  vi.stubEnv("HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS", "true");
  mesh = await join();

  const id = await call(`pub('apples.weigh', '{"apples":3}')`);

  expect(await ended(id)).toEqual({ grams: 450 });
});

test("A5 the trigger of a table starts jobs, whatever the payload's type", async () => {
  await sql.query(`
    create table "${app}".harvest (apples int);
    create function "${app}".weigh() returns trigger language plpgsql as $$
      begin perform "${app}".pub('apples.weigh', to_jsonb(new), job_id => 'row ' || new.apples); return new; end $$;
    create trigger weigh after insert on "${app}".harvest for each row execute function "${app}".weigh();
    insert into "${app}".harvest values (1), (2)`);
  const forms = [
    await call("pub($1, $2)", ["apples.weigh", '{"apples":3}']),
    await call("pub($1, $2::json)", ["apples.weigh", '{"apples":4}']),
    await call("pub(topic => $1, data => $2::jsonb)", ["apples.weigh", '{"apples":5}']),
  ];

  const grams = await Promise.all(["row 1", "row 2", ...forms].map(ended));

  expect(grams).toEqual([150, 300, 450, 600, 750].map((each) => ({ grams: each })));
});

test("A5 a call with an idempotency key counts once", async () => {
  const weigh = () => call(`pub('apples.weigh', '{"apples":3}', idempotency_key => 'order 7')`);

  const first = await weigh();
  await ended(first);
  const again = await weigh();
  await vi.waitFor(async () => expect((await sql.query(`select 1 from "${app}".engine_streams`)).rows).toEqual([]));

  expect(again).toBe(first);
  expect((await sql.query(`select id from "${app}".jobs`)).rows).toEqual([{ id: first }]);
});

test("A5 what only an engine can refuse stays where people see it, with the reason, and stops nobody", async () => {
  await call(`pub('cider.press', '{"barrel":"B1"}')`);
  await call(`pub('cider.press', '{"barrel":"B1"}')`);
  await call(`pub('apples.weigh', '{"apples":"many"}')`);

  expect([...(await putAside(2))].sort()).toEqual([
    "Duplicate job: B1",
    expect.stringMatching(/^the payload for topic apples.weigh breaks the graph's input schema: /),
  ]);
  await call(`signal('cider.tasted', '{"barrel":"B1","verdict":"sweet"}')`);
  expect(await ended("B1")).toEqual({ verdict: "sweet" });
});

test("what was refused is kept for a week", async () => {
  const sweep = `select "${app}".sweep(10, null)`;
  await call(`pub('apples.weigh', '{"apples":"many"}')`);
  await putAside(1);

  await sql.query(sweep);
  await putAside(1);
  await sql.query(`update "${app}".message set created_at = created_at - 7 * 24 * 3600 * 1000`);
  await sql.query(sweep);

  await putAside(0);
});

describe("A5 what can be told at once is an exception with a hint:", () => {
  const pears = "no subscription found for topic pears.weigh in app";
  const list = "the data for topic apples.weigh is array; expected an object";
  const status = "the status of signal cider.tasted is maybe; expected success, error or pending";
  test.each([
    { text: `pub('pears.weigh')`, code: "42704", message: pears, hint: '"apples.weigh", "cider.press"' },
    { text: `pub('')`, code: "22023", message: "pub needs a topic" },
    { text: `pub('apples.weigh', '[1]')`, code: "22023", message: list, hint: "Pass an object" },
    { text: `pub('apples.weigh', 'three')`, code: "22P02", message: "invalid input syntax for type json" },
    { text: `pub('apples.weigh', job_id => '')`, code: "22023", message: "job_id of topic apples.weigh is empty" },
    { text: `signal('pears.tasted')`, code: "42704", message: "no hook rule for topic pears", hint: '"cider.tasted"' },
    { text: `signal('cider.tasted', '{}', 'maybe')`, code: "22023", message: status },
    { text: `signal('cider.tasted', '{}', 'success', 2)`, code: "22023", message: "the code of signal cider" },
  ])("$text", async ({ text, code, message, hint }) => {
    const refused = await call(text).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code, message: expect.stringContaining(message) });
    if (hint !== undefined) expect(refused).toMatchObject({ hint: expect.stringContaining(hint) });
    expect((await sql.query(`select 1 from "${app}".engine_streams`)).rows).toEqual([]);
  });

  test("without an active version", async () => {
    app = `${app}-bare`;
    await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });

    for (const text of ["pub('apples.weigh')", "signal('cider.tasted')"]) {
      await expect(call(text)).rejects.toMatchObject({ code: "55000", hint: expect.stringContaining("activate") });
    }
  });
});

test("A5 a role needs usage on the schema and execute on the function, and no table", async () => {
  const role = `picker_${process.pid}_${apps}`;
  const as = async (text: string): Promise<unknown> => {
    await sql.query(`begin; set local role ${role}`);
    return sql.query(text).then(
      async ({ rows }) => {
        await sql.query("commit");
        return rows[0].id;
      },
      async (error: { readonly code: string }) => {
        await sql.query("rollback");
        return error.code;
      },
    );
  };
  await sql.query(`create role ${role}; grant usage on schema "${app}" to ${role}`);
  const weigh = `select "${app}".pub('apples.weigh', '{"apples":3}'::text) as id`;

  const before = await as(weigh);
  await sql.query(`grant execute on function "${app}".pub(text, text, text, text) to ${role}`);
  const id = await as(weigh);
  const table = await as(`select * from "${app}".job`);

  expect([before, table]).toEqual(["42501", "42501"]);
  expect(await ended(String(id))).toEqual({ grams: 450 });
  await sql.query(`drop owned by ${role}; drop role ${role}`);
});
