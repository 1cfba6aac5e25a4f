import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quoted } from "../schema/quoted.js";
import { loggedIn, openRoles, type RolesHarness, removeRole } from "../testing/worker-role.js";

const mine = "apple.press";
const theirs = "pear.press";

let mesh: RolesHarness<"press" | "cellar">;
let schema = "";
let user = "";
let client: Client;

beforeAll(async () => {
  mesh = await openRoles({ press: [mine], cellar: [theirs] });
  schema = mesh.schema;
  user = mesh.roles.press.credentials.user;
  client = await mesh.roles.press.login();
  await mesh.offer(theirs);
});

afterAll(async () => {
  await mesh.close();
});

/** All there is to call, by name and parameters. */
const callable = [
  "worker_admit(text)",
  "worker_check_in(json,bigint,bigint)",
  "worker_check_out(json,bigint)",
  "worker_claim(text,integer,bigint,text)",
  "worker_depth(text)",
  "worker_extend(text[],text[],bigint)",
  "worker_history(text,text,text)",
  "worker_notice(text)",
  "worker_notice_put(json,bigint)",
  "worker_settle(json)",
];

async function codeOf(statement: Promise<unknown>): Promise<string> {
  return statement.then(
    () => "done",
    (thrown: { readonly code: string }) => thrown.code,
  );
}

const claim = (by: Client, topic: string) =>
  by.query(`select ${schema}.worker_claim($1, 0, 1000, 'w') as report`, [topic]);

/** Functions of the schema that `of` may call, or those of them that run with the rights of the owner. */
async function callableBy(of: string, lent = false): Promise<string[]> {
  const { rows } = await mesh.owner.query(
    `select p.oid::regprocedure::text as name from pg_proc as p
    where p.pronamespace = to_regnamespace($2) and has_function_privilege($1, p.oid, 'execute')
      and (p.prosecdef or not $3)`,
    [of, schema, lent],
  );
  return rows.map(({ name }) => name.replace(`${schema}.`, "")).sort();
}

test("F24 a role has no right of any kind to a table, a view or a sequence, and none to a column", async () => {
  const { rows } = await mesh.owner.query(
    `select c.oid::regclass::text as name, c.relkind as kind,
      case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'select, usage, update')
        else has_table_privilege($1, c.oid, 'select, insert, update, delete, truncate, references, trigger')
          or has_any_column_privilege($1, c.oid, 'select, insert, update, references')
      end as open
    from pg_class as c
    where (c.relnamespace = to_regnamespace($2) or c.relname like 'hmsh%') and c.relkind in ('r', 'v', 'm', 'S')`,
    [user, schema],
  );

  const answers = [];
  for (const { name } of rows) answers.push([name, await codeOf(client.query(`select * from ${name} limit 1`))]);

  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ open }) => open)).toEqual([]);
  expect(answers).toEqual(rows.map(({ name }) => [name, "42501"]));
});

test("F24 a role may call the functions for workers and no other, also once rights are set anew", async () => {
  const before = await callableBy(user);
  await mesh.owner.query(`select ${schema}.set_rights()`);

  expect(before).toEqual(callable);
  expect(await callableBy(user)).toEqual(callable);
  expect(await codeOf(client.query(`select ${schema}.stream_claim($1, 1, 1000, 'w', null)`, [theirs]))).toBe("42501");
  expect(await codeOf(client.query(`select ${schema}.worker_role_put($1, '', array[$2])`, [user, theirs]))).toBe(
    "42501",
  );
});

test("F24 no function of an app is for everybody", async () => {
  const { rows } = await mesh.owner.query(
    `select p.oid::regprocedure::text as name
    from pg_proc as p
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.pronamespace = to_regnamespace($1) and a.grantee = 0`,
    [schema],
  );

  expect(rows).toEqual([]);
});

test("F24 what runs with the rights of the owner pins its search_path, temporary objects last", async () => {
  const { rows } = await mesh.owner.query(
    `select p.oid::regprocedure::text as name,
      (select s from unnest(p.proconfig) as s where s like 'search_path=%') as path
    from pg_proc as p where p.pronamespace = to_regnamespace($1) and p.prosecdef order by 1`,
    [schema],
  );

  expect(rows.map(({ name }) => name.replace(`${schema}.`, ""))).toEqual(expect.arrayContaining(callable));
  expect(new Set(rows.map(({ path }) => path))).toEqual(new Set(["search_path=pg_catalog, pg_temp"]));
});

test("F24 who reads the views gets the functions they need, and none that runs with other rights", async () => {
  const reader = `reader of ${mesh.app.appId}`;
  await mesh.owner.query(`create role ${quoted(reader)}`);
  await mesh.owner.query(`grant usage on schema ${schema} to ${quoted(reader)}`);

  await mesh.owner.query(`select ${schema}.set_rights()`);

  const [granted, lent] = [await callableBy(reader), await callableBy(reader, true)];
  await mesh.owner.query(`drop owned by ${quoted(reader)}`);
  await removeRole(reader);
  expect(granted).toContain("shown(json)");
  expect(lent).toEqual([]);
});

interface Names {
  /** All of them quoted. */
  readonly schema: string;
  readonly me: string;
  readonly owner: string;
  readonly neighbour: string;
}

const refused = "42501";
const inVain = "done";

test.each<[string, (names: Names) => string, string]>([
  ["SET ROLE to the owner", ({ owner }) => `set role ${owner}`, refused],
  ["SET ROLE to another worker role", ({ neighbour }) => `set role ${neighbour}`, refused],
  ["SET SESSION AUTHORIZATION", ({ neighbour }) => `set session authorization ${neighbour}`, refused],
  ["set_config of the role", ({ owner }) => `select set_config('role', '${owner.slice(1, -1)}', false)`, refused],
  [
    "set_config of the session's user",
    ({ neighbour }) => `select set_config('session_authorization', '${neighbour.slice(1, -1)}', false)`,
    refused,
  ],
  ["joining a role", ({ neighbour, me }) => `grant ${neighbour} to ${me}`, refused],
  ["a right given to oneself", ({ schema: s, me }) => `grant all on ${s}.worker_role to ${me}`, refused],
  [
    "rights to what will be",
    ({ owner }) => `alter default privileges for role ${owner} grant all on tables to public`,
    refused,
  ],
  ["more attributes", ({ me }) => `alter role ${me} createrole`, refused],
  ["triggers that do not fire", () => "set session_replication_role = 'replica'", refused],
  ["a function in our schema", ({ schema: s }) => `create function ${s}.f() returns int return 1`, refused],
  ["a table in our schema", ({ schema: s }) => `create table ${s}.t ()`, refused],
  [
    "a function without its search_path",
    ({ schema: s }) => `alter function ${s}.worker_admit(text) reset all`,
    refused,
  ],
  [
    "a function in place of ours",
    ({ schema: s }) =>
      `create or replace function ${s}.worker_streams_allowed() returns text[] return array['${theirs}']`,
    refused,
  ],
  ["a program on the server", () => "copy (select 1) to program 'true'", refused],
  ["the search_path", ({ schema: s }) => `set search_path = pg_temp, ${s}, pg_catalog`, inVain],
  [
    "set_config of the search_path",
    ({ schema: s }) => `select set_config('search_path', 'pg_temp, ${s}', false)`,
    inVain,
  ],
  ["the search_path of the login", ({ me }) => `alter role ${me} set search_path = pg_temp, pg_catalog`, inVain],
  ["settings of one's own", () => `set hotmesh.streams = '${theirs}'`, inVain],
  ["the names of the moment", ({ neighbour }) => `set application_name = ${neighbour}`, inVain],
  [
    "a temporary table that shadows ours",
    ({ me }) => `
      create temp table worker_role (role_name text, streams text[], revoked_at bigint);
      insert into worker_role values ('${me.slice(1, -1)}', array['${theirs}'], null);
      grant select on worker_role to public;
      set search_path = pg_temp, pg_catalog`,
    inVain,
  ],
  [
    "temporary functions that shadow ours and the server's",
    () => `
      create function pg_temp.worker_streams_allowed() returns text[] return array['${theirs}'];
      create function pg_temp.format(text, text, text) returns text language sql as 'select null';
      set search_path = pg_temp, pg_catalog`,
    inVain,
  ],
  [
    "temporary types that shadow the server's",
    () => `
      create domain pg_temp.json as pg_catalog.json check (false);
      create domain pg_temp.text as pg_catalog.text check (false);
      create domain pg_temp.int8 as pg_catalog.int8 check (false);
      set search_path = pg_temp, pg_catalog`,
    inVain,
  ],
  [
    "a temporary operator that shadows the server's",
    () => `
      create function pg_temp.always(text, text) returns boolean return true;
      create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_temp.always);
      set search_path = pg_temp, pg_catalog`,
    inVain,
  ],
])("F24 a role does not widen itself by %s", async (_, trick, outcome) => {
  const { press, cellar } = mesh.roles;
  const by = await press.login();
  const { rows } = await mesh.owner.query("select current_user as name");
  const names = [user, rows[0].name, cellar.credentials.user].map(quoted);
  const [me = "", owner = "", neighbour = ""] = names;

  const came = await codeOf(by.query(trick({ schema, me, owner, neighbour })));

  expect(came).toBe(outcome);
  for (const one of [by, await press.login()]) {
    expect(await codeOf(claim(one, theirs))).toBe("42501");
    expect(await codeOf(one.query(`select * from ${schema}.message`))).toBe("42501");
    expect(await codeOf(claim(one, mine))).toBe("done");
    await one.end();
  }
});

test("F24 a function of one's own lends nobody the streams of who calls it", async () => {
  await client.query(`create function pg_temp.claim(topic text) returns json language sql security definer
    as $$ select ${schema}.worker_claim(topic, 1, 1000, 'w') $$`);

  expect(await codeOf(client.query("select pg_temp.claim($1)", [mine]))).toBe("done");
  expect(await codeOf(client.query("select pg_temp.claim($1)", [theirs]))).toBe("42501");
});

test("F24 nobody works as a role but who logs in as it", async () => {
  const login = { user: `friend of ${mesh.app.appId}`, password: "friend" };
  await mesh.owner.query(`create role ${quoted(login.user)} login password 'friend'`);
  await mesh.owner.query(`grant ${quoted(user)} to ${quoted(login.user)}`);
  const friend = await loggedIn(login);

  const came = [await codeOf(claim(friend, mine))];
  await friend.query(`set role ${quoted(user)}`);
  came.push(await codeOf(claim(friend, mine)));
  came.push(await codeOf(claim(mesh.owner, mine)));

  await friend.end();
  await removeRole(login.user);
  expect(came).toEqual(["42501", "42501", "42501"]);
});

test("F24 a role neither writes nor reads what an engine vouches for", async () => {
  const read = async (id: string) =>
    (await client.query(`select body from ${schema}.worker_notice($1)`, [id])).rows.map(({ body }) => body);
  await mesh.owner.query(`insert into ${schema}.notice (id, body, expires_at) values ('vouched/a', '1', 9e15)`);

  const said = ["vouched/a", "vouched/b", "plain"].map((id) => ({ id, body: "2" }));
  await client.query(`select ${schema}.worker_notice_put($1, 9e15::bigint)`, [JSON.stringify(said)]);
  await client.query(`select ${schema}.worker_notice_put($1, 1000)`, [JSON.stringify([{ id: "plain", body: "3" }])]);

  const { rows } = await mesh.owner.query(
    `select id, body, expires_at < ${schema}.now_ms() + 600001 as is_short from ${schema}.notice order by id`,
  );
  expect(rows).toEqual([
    { id: "plain", body: 2, is_short: true },
    { id: "vouched/a", body: 1, is_short: false },
  ]);
  expect([await read("plain"), await read("vouched/a"), await read("vouched/%")]).toEqual([["2"], [], []]);
});
