import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openPostgres } from "../open-postgres.js";
import { quoted } from "../schema/quoted.js";
import { openHarness, type PostgresHarness } from "../testing/harness.js";
import { postgresUrl } from "../testing/postgres-url.js";
import { claimed, loggedIn, removeRole, workFor } from "../testing/worker-role.js";
import { openWorker } from "./open-worker.js";
import {
  listWorkerRoles,
  type ProvisionWorkerRole,
  provisionWorkerRole,
  revokeWorkerRole,
  rotateWorkerPassword,
} from "./worker-roles.js";

let app: PostgresHarness;
let owner: Client;
const users = new Set<string>();

beforeAll(async () => {
  app = await openHarness(postgresUrl(), { hasTestClock: false });
  owner = await app.client();
});

afterEach(async () => {
  for (const user of users) await removeRole(user);
  users.clear();
  await owner.query(`delete from ${quoted(app.appId)}.worker_role`);
});

afterAll(async () => {
  await app.close();
});

const of = () => ({ connection: postgresUrl(), namespace: app.appId });
const list = () => listWorkerRoles(of());

async function provision(streamNames: readonly string[], over: Partial<ProvisionWorkerRole> = {}) {
  const { roleName: user, password } = await provisionWorkerRole({ ...of(), streamNames, ...over });
  users.add(user);
  return { user, password };
}

/** Whether the server lets somebody in. */
async function admits(login: { readonly user: string; readonly password: string }): Promise<boolean> {
  try {
    await (await loggedIn(login)).end();
    return true;
  } catch (thrown) {
    const refusals: unknown[] = ["28P01", "28000"];
    if (thrown instanceof Error && "code" in thrown && refusals.includes(thrown.code)) return false;
    throw thrown;
  }
}

const claim = (by: Client, topic: string) =>
  by.query(`select ${quoted(app.appId)}.worker_claim($1, 1, 1000, 'w')`, [topic]);

test.each([
  ["quotes and statements", `it's "x"; drop role postgres; -- $$ %I %L \\`],
  ["colons and blanks", "press: apples: 2"],
  ["no ASCII", "🍎 пресс"],
  ["line breaks", "a\nb\tc"],
  ["a NUL and half a character", "a\u0000b\ud800"],
  ["more than a name can hold", "s".repeat(300)],
  ["nothing in it", ""],
])("a stream whose name has %s is worked on by its role", async (_, topic) => {
  const credentials = await provision([topic, "plain"]);
  const worker = await openWorker({ connection: postgresUrl(), credentials, appId: app.appId });
  await app.backend.stream.send([workFor(topic)]);

  const lease = await claimed(worker, topic);
  const admitted = worker.admit(`${topic}!`);

  await expect(admitted).rejects.toMatchObject({ kind: "forbidden" });
  await worker.close();
  expect(lease.topic).toBe(topic);
  expect(Buffer.byteLength(credentials.user)).toBeLessThanOrEqual(63);
  expect(await list()).toMatchObject([{ roleName: credentials.user, streamNames: [topic, "plain"].sort() }]);
});

test.each([
  "'; drop table worker_role; --",
  "\\' \\\\ $$ $1 %L %I %% {}",
  '"" "',
  " ",
  "postgres://a:b@c/d?e=f#g",
  "x".repeat(200),
])("the password %j is one like any other", async (password) => {
  const login = await provision(["press"], { password });
  const next = `${password}2`;

  expect(login.password).toBe(password);
  expect(await admits(login)).toBe(true);
  await rotateWorkerPassword({ ...of(), roleName: login.user, newPassword: next });
  expect([await admits(login), await admits({ ...login, password: next })]).toEqual([false, true]);
});

test("a password is never a part of a statement, and a role never has the same one as another by chance", async () => {
  const [one, two] = [await provision(["a"]), await provision(["b"])];

  const { rows } = await owner.query("select rolpassword from pg_authid where rolname = any($1)", [
    [one.user, two.user],
  ]);

  for (const { rolpassword } of rows) expect(rolpassword).toMatch(/^SCRAM-SHA-256\$/);
  expect(one.password).not.toBe(two.password);
  expect(one.password.length).toBeGreaterThanOrEqual(32);
});

test.each<[string, Partial<ProvisionWorkerRole>]>([
  ["no stream", { streamNames: [] }],
  ["a password that drivers write differently", { password: "ﬁsh" }],
  ["an empty password", { password: "" }],
  ["a namespace that is no schema of an app", { namespace: 'x"; drop schema public; --' }],
])("%s is refused before anything is asked of the server", async (_, over) => {
  await expect(provision(["press"], over)).rejects.toMatchObject({ kind: "invalid-argument" });
  expect(await list()).toEqual([]);
});

test("to provision a role again resets its password, whatever the order of the streams, and nothing else", async () => {
  const first = await provision(["b", "a", "b"]);
  const [before] = await list();

  const second = await provision(["a", "b"]);

  expect(second.user).toBe(first.user);
  expect([await admits(first), await admits(second)]).toEqual([false, true]);
  const [after, ...others] = await list();
  expect([{ ...after, lastRotatedAt: null }, others]).toEqual([{ ...before, lastRotatedAt: null }, []]);
  expect(after?.lastRotatedAt.getTime()).toBeGreaterThanOrEqual(before?.lastRotatedAt.getTime() ?? Infinity);
});

test("roles that are provisioned and revoked at the same time come to the same as one by one", async () => {
  const streams = Array.from({ length: 6 }, (_, at) => `press-${at}`);
  const same = await Promise.all(Array.from({ length: 6 }, () => provision(["same"])));
  const roles = await Promise.all(streams.map((stream) => provision([stream])));

  await Promise.all(roles.map(({ user }) => revokeWorkerRole({ ...of(), roleName: user })));

  const admitted = await Promise.all(same.map((login) => admits(login)));
  expect(admitted.filter((isIn) => isIn)).toHaveLength(1);
  expect(await Promise.all(roles.map((login) => admits(login)))).toEqual(streams.map(() => false));
  const revoked = (await list()).filter(({ revokedAt }) => revokedAt !== null);
  expect(revoked.map(({ streamNames: [stream] }) => stream).sort()).toEqual(streams);
});

test("a rotated password is the only one from then on, and open connections stay", async () => {
  const login = await provision(["press"]);
  const open = await loggedIn(login);

  const { password } = await rotateWorkerPassword({ ...of(), roleName: login.user });

  await claim(open, "press");
  await open.end();
  expect([await admits(login), await admits({ ...login, password })]).toEqual([false, true]);
});

test("F24 a revoked role cannot log in, is kept with a stamp, and what it had open can do nothing", async () => {
  const login = await provision(["press"]);
  const [before] = await list();
  const open = await loggedIn(login);
  const inside = await loggedIn(login);
  await inside.query("begin");
  await claim(inside, "press");

  // By hand, because whoever may not end the role's connections leaves them open.
  await owner.query(`select ${quoted(app.appId)}.worker_role_revoke($1)`, [login.user]);

  for (const one of [open, inside]) await expect(claim(one, "press")).rejects.toMatchObject({ code: "42501" });
  await revokeWorkerRole({ ...of(), roleName: login.user });
  for (const one of [open, inside]) await expect(one.query("select 1")).rejects.toThrow();
  const [after] = await list();
  expect(await admits(login)).toBe(false);
  expect(after).toEqual({ ...before, revokedAt: expect.any(Date) });
  const { rows } = await owner.query("select rolcanlogin from pg_roles where rolname = $1", [login.user]);
  expect(rows).toEqual([{ rolcanlogin: false }]);
});

test("a revoked role gets no new password, keeps its stamp, and comes back when it is provisioned", async () => {
  const login = await provision(["press"]);
  await revokeWorkerRole({ ...of(), roleName: login.user });
  const [revoked] = await list();

  await expect(rotateWorkerPassword({ ...of(), roleName: login.user })).rejects.toMatchObject({
    kind: "role-not-found",
  });
  await revokeWorkerRole({ ...of(), roleName: login.user });
  expect(await list()).toEqual([revoked]);

  const back = await provision(["press"]);
  const client = await loggedIn(back);
  await claim(client, "press");
  await client.end();
  expect(await list()).toMatchObject([{ id: revoked?.id, roleName: login.user, revokedAt: null }]);
});

test.each([`x"; drop table worker_role; --`, "postgres", ""])(
  "%j is no worker role, and nothing is done to it",
  async (roleName) => {
    await expect(rotateWorkerPassword({ ...of(), roleName })).rejects.toMatchObject({ kind: "role-not-found" });
    await expect(revokeWorkerRole({ ...of(), roleName })).rejects.toMatchObject({ kind: "role-not-found" });
  },
);

test.each(["superuser", "createrole", "createdb", "replication", "bypassrls", "in role pg_read_all_data"])(
  "a role that is there already and has %s is refused and stays as it is",
  async (right) => {
    const { user } = await provision(["press"]);
    await removeRole(user);
    await owner.query(`create role ${quoted(user)} login password 'first' ${right}`);

    await expect(provision(["press"])).rejects.toMatchObject({
      kind: "role-exists",
      message: expect.stringContaining(user),
    });

    expect(await admits({ user, password: "first" })).toBe(true);
  },
);

test("an owner who is no superuser manages roles, and needs CREATEROLE for it", async () => {
  const login = { user: `maker ${app.appId}`, password: "maker" };
  await owner.query(`create role ${quoted(login.user)} login createrole password 'maker'`);
  await owner.query(`create database ${quoted(login.user)} owner ${quoted(login.user)}`);
  const { host, port } = new Client({ connectionString: postgresUrl() });
  const connection = { class: Client, options: { host, port, database: login.user, ...login } };
  const backend = await openPostgres({ connection, appId: app.appId, processId: randomUUID() });

  const made = await provision(["press"], { connection });
  const open = new Client({ ...connection.options, ...made });
  open.on("error", () => {});
  await open.connect();
  await claim(open, "press");
  await rotateWorkerPassword({ ...of(), connection, roleName: made.user });
  await revokeWorkerRole({ ...of(), connection, roleName: made.user });
  await expect(claim(open, "press")).rejects.toThrow();
  await open.end();
  await owner.query(`alter role ${quoted(login.user)} nocreaterole`);
  await expect(provision(["other"], { connection })).rejects.toMatchObject({ kind: "forbidden" });
  const roles = await listWorkerRoles({ ...of(), connection });

  await backend.close();
  await owner.query(`drop database ${quoted(login.user)} with (force)`);
  await removeRole(made.user);
  await removeRole(login.user);
  expect(roles).toMatchObject([{ roleName: made.user, revokedAt: expect.any(Date) }]);
});

test("without an app there are no roles, and the error says what has to come first", async () => {
  const given = { ...of(), namespace: `${app.appId}-none` };

  for (const ask of [() => listWorkerRoles(given), () => provision(["press"], given)])
    await expect(ask()).rejects.toMatchObject({ kind: "app-not-found", message: expect.stringContaining("init") });
});
