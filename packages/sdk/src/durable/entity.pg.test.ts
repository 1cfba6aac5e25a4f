import { openPostgres } from "@hotmesh/store-postgres";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HotMesh } from "../index.js";
import { connection, SeedApp } from "../testing/seed-app.js";
import { Entity } from "./entity.js";
import { Search, searchJobs } from "./search.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: pot.throw
      expire: 300
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' }, job: { maps: { id: '{$self.input.data.id}' } } }
        rest: { type: hook, sleep: 3600 }
      transitions: { begin: [ { to: rest } ] }
`;

let app: SeedApp;
let mesh: HotMesh;

beforeAll(async () => {
  app = await SeedApp.open("entity");
  mesh = app.desk;
  await app.activate(document(app.appId));
});

afterAll(() => app.close());

beforeEach(() => app.sql(`delete from "${app.appId}".job`));

let seconds = 0;

/** A job with a label and a document; each is older than the next. Null: it was never set. */
async function pot(id: string, content: object | null, entity = "pot"): Promise<string> {
  await mesh.pub("pot.throw", { id }, {}, { entity, search: { mark: id } });
  const at = Date.UTC(2026, 0, 1) + 1_000 * ++seconds;
  await app.sql(`update "${app.appId}".job set created_at = $2 where id = $1`, [id, at]);
  const fields = JSON.stringify({ _mark: id, ...(content !== null && { "@": JSON.stringify(content) }) });
  await app.sql(`update "${app.appId}".job set fields = $2 where id = $1`, [id, fields]);
  return id;
}

async function ids(conditions: object): Promise<readonly string[]> {
  const found = await Entity.find("pot", conditions as Record<string, unknown>, mesh);
  return found.map(({ key }) => key.split(":j:")[1] ?? "").sort();
}

test("find gives the jobs of one label that fulfil all conditions, the youngest first", async () => {
  await pot("a", { glaze: "salt", bowls: 3 });
  await pot("b", { glaze: "salt", bowls: 12 });
  await pot("c", { glaze: "ash", bowls: 12 });
  await pot("d", { glaze: "salt", bowls: 12 }, "plate");

  const found = await Entity.find<{ bowls: number }>("pot", { glaze: "salt", bowls: { $gt: 2 } }, mesh);

  expect(found).toEqual([
    { key: `hmsh:${app.appId}:j:b`, context: { glaze: "salt", bowls: 12 }, status: 1 },
    { key: `hmsh:${app.appId}:j:a`, context: { glaze: "salt", bowls: 3 }, status: 1 },
  ]);
  expect(await Entity.find("none", {}, mesh)).toEqual([]);
  expect(await ids({})).toEqual(["a", "b", "c"]);
});

test("each operator finds what it says, by the type of the value", async () => {
  await pot("n5", { v: 5 });
  await pot("n12", { v: 12 });
  await pot("t5", { v: "5" });
  await pot("tb", { v: "bowl" });
  await pot("yes", { v: true });
  await pot("list", { v: [5, 12] });
  await pot("map", { v: { deep: { er: 7 } } });
  await pot("null", { v: null });
  await pot("empty", {});
  await pot("unset", null);

  expect(await ids({ v: 5 })).toEqual(["n5"]);
  expect(await ids({ v: "5" })).toEqual(["t5"]);
  expect(await ids({ v: true })).toEqual(["yes"]);
  expect(await ids({ v: [5, 12] })).toEqual(["list"]);
  expect(await ids({ v: { deep: { er: 7 } } })).toEqual(["map"]);
  expect(await ids({ "v.deep.er": { $gte: 7 } })).toEqual(["map"]);
  expect(await ids({ v: null })).toEqual(["empty", "null", "unset"]);
  expect(await ids({ v: { $eq: 12 } })).toEqual(["n12"]);
  expect(await ids({ v: { $ne: 5 } })).toHaveLength(9);
  expect(await ids({ v: { $ne: null } })).toEqual(["list", "map", "n12", "n5", "t5", "tb", "yes"]);
  expect(await ids({ v: { $gt: 5 } })).toEqual(["n12"]);
  expect(await ids({ v: { $gte: 5, $lt: 12 } })).toEqual(["n5"]);
  expect(await ids({ v: { $lte: 12 } })).toEqual(["n12", "n5"]);
  expect(await ids({ v: { $gt: "5" } })).toEqual(["tb"]);
  expect(await ids({ v: { $in: [12, "bowl", null, "none"] } })).toEqual(["empty", "n12", "null", "tb", "unset"]);
  expect(await ids({ v: { $in: [] } })).toEqual([]);
});

test("findByCondition compares one field", async () => {
  await pot("a", { glaze: "salt", bowls: 3 });
  await pot("b", { glaze: "saltier", bowls: 12 });
  await pot("c", { glaze: "ash", bowls: 7 });
  const by = async (field: string, value: unknown, operator: Parameters<typeof Entity.findByCondition>[3]) =>
    (await Entity.findByCondition("pot", field, value, operator, mesh)).map(({ context }) => context["glaze"]);

  expect(await by("bowls", 7, "=")).toEqual(["ash"]);
  expect(await by("bowls", 3, "!=")).toEqual(["ash", "saltier"]);
  expect(await by("bowls", 3, ">")).toEqual(["ash", "saltier"]);
  expect(await by("bowls", 7, "<=")).toEqual(["ash", "salt"]);
  expect(await by("glaze", "salt%", "LIKE")).toEqual(["saltier", "salt"]);
  expect(await by("bowls", "%", "LIKE")).toEqual([]);
  expect(await by("bowls", [3, 12, 99], "IN")).toEqual(["saltier", "salt"]);
  await expect(by("bowls", 3, "; drop" as "=")).rejects.toThrow("is no operator");
});

test("limit and offset take a page, and refuse what is no number of rows", async () => {
  for (const id of ["a", "b", "c", "d"]) await pot(id, { id });
  const page = async (options: object) =>
    (await Entity.find("pot", {}, mesh, options)).map(({ context }) => context["id"]);

  expect(await page({ limit: 2 })).toEqual(["d", "c"]);
  expect(await page({ limit: 2, offset: 3 })).toEqual(["a"]);
  expect(await page({ offset: 1 })).toEqual(["c", "b", "a"]);
  expect(await page({ limit: 0 })).toEqual([]);
  await expect(page({ limit: -1 })).rejects.toThrow("limit is -1");
  await expect(page({ offset: "1; drop" })).rejects.toThrow("offset is");
});

test("findById gives the job with the id and the label, and null for any other and for an expired one", async () => {
  await pot("a", { glaze: "salt" });
  await pot("b", null);
  await pot("gone", {});
  await app.sql(`update "${app.appId}".job set expire_at = updated_at - 1 where id = 'gone'`);

  expect(await Entity.findById("pot", "a", mesh)).toEqual({
    key: `hmsh:${app.appId}:j:a`,
    context: { glaze: "salt" },
    status: 1,
  });
  expect(await Entity.findById("pot", "b", mesh)).toMatchObject({ context: {} });
  expect(await Entity.findById("plate", "a", mesh)).toBeNull();
  expect(await Entity.findById("pot", "none", mesh)).toBeNull();
  expect(await Entity.findById("pot", "gone", mesh)).toBeNull();
  expect(await ids({})).toEqual(["a", "b"]);
});

test("names and values from strangers stay what they are", async () => {
  const wild = `'"; drop table job; --\u0000\ud83d\\`;
  await pot("a", { glaze: wild, __proto__x: 1 });
  await pot("b", { glaze: `${wild}!` });
  await pot("c", { glaze: "x" }, wild);

  expect(await ids({ glaze: wild })).toEqual(["a"]);
  expect((await Entity.find("pot", { glaze: wild }, mesh))[0]?.context["glaze"]).toBe(wild);
  expect(await Entity.find(wild, {}, mesh)).toHaveLength(1);
  await expect(ids({ "glaze' or '1'='1": 1 })).rejects.toThrow("Invalid field name");
  await expect(Entity.findByCondition("pot", "a)--", 1, "=", mesh)).rejects.toThrow("Invalid field name");
  await expect(Entity.createIndex("pot", "a-b", mesh)).rejects.toThrow("Invalid field name");
  await expect(Entity.createIndex("pot", "glaze", mesh, "brin" as "gin")).rejects.toThrow("no type of index");
  await expect(Entity.find("", {}, mesh)).rejects.toThrow("expected the label");
});

async function indexes(): Promise<readonly Record<string, unknown>[]> {
  return app.sql(
    `select c.relname as name, i.indisvalid as ready from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = $1::regnamespace and c.relname like 'entity\\_%' order by 1`,
    [`"${app.appId}"`],
  );
}

async function dropIndexes(): Promise<void> {
  for (const { name } of await indexes()) await app.sql(`drop index "${app.appId}"."${String(name)}"`);
}

test("an index is made once, by whomever and however often it is asked for", async () => {
  await pot("a", { glaze: "salt" });
  const connecting = { connection: connection(), taskQueue: "elsewhere" };
  const other = await HotMesh.init({ appId: app.appId, guid: "other", logLevel: "silent", engine: connecting });

  await Promise.all([mesh, other, mesh, other].map((one) => Entity.createIndex("pot", "glaze", one, "gin")));
  await Entity.createIndex("pot", "glaze", mesh);

  expect(await indexes()).toEqual([{ name: expect.stringMatching(/^entity_glaze_/), ready: true }]);
  await other.stop();
  await dropIndexes();
});

test("an index that was not finished is built anew", async () => {
  await Entity.createIndex("pot", "bowls", mesh, "btree");
  const [{ name } = {}] = await indexes();
  await app.sql(`update pg_index set indisvalid = false where indexrelid = $1::regclass`, [
    `"${app.appId}"."${String(name)}"`,
  ]);

  await Entity.createIndex("pot", "bowls", mesh, "btree");

  expect(await indexes()).toEqual([{ name, ready: true }]);
  await dropIndexes();
});

test("whoever does not own the schema is told that the index is not theirs to make", async () => {
  const role = `reader_${app.appId}`;
  await app.sql(`create role ${role} login password 'reads-only'`);
  await app.sql(`grant usage on schema "${app.appId}" to ${role}`);
  await app.sql(`grant select on all tables in schema "${app.appId}" to ${role}`);
  await app.sql(`select "${app.appId}".set_rights()`);
  const url = new URL(String(connection().options.connectionString));
  url.username = role;
  url.password = "reads-only";
  const config = { class: Client, options: { connectionString: url.href } };
  const backend = await openPostgres({ connection: config, appId: app.appId });
  await pot("a", { glaze: "salt" });

  const found = await backend.entities.find({ entity: "pot" });
  const refused = backend.entities.createIndex("pot", ["glaze"], "gin");

  await expect(refused).rejects.toMatchObject({ kind: "forbidden", code: 403 });
  expect(found).toEqual([{ id: "a", status: 1, document: { glaze: "salt" } }]);
  await backend.close();
  await app.sql(`drop owned by ${role}`);
  await app.sql(`drop role ${role}`);
});

test("people see the document as the context of the job, and the raw form has it whole", async () => {
  await pot("a", { glaze: "salt" });
  await pot("b", null);
  await pot("odd", { half: "\ud83d", nul: "\u0000" });
  await app.sql(`update "${app.appId}".job set fields = '{"@":"no document"}' where id = 'b'`);

  const rows = await app.rows("jobs order by id");

  expect(rows.map(({ id, entity, context }) => ({ id, entity, context }))).toEqual([
    { id: "a", entity: "pot", context: { glaze: "salt" } },
    { id: "b", entity: "pot", context: { id: "b" } },
    { id: "odd", entity: "pot", context: { half: "\u0001d83d", nul: "\u00010000" } },
  ]);
  expect((await mesh.getRaw("a"))["@"]).toBe('{"glaze":"salt"}');
  expect((await mesh.getState("pot.throw", "a")).data).toEqual({ id: "a" });
  expect(await app.rows("jobs_attributes where symbol = '@' and job_id = 'a'")).toMatchObject([
    { value: '{"glaze":"salt"}', type: "other" },
  ]);
});

test("findAllUserData gives the fields of users without their prefix, and nothing else", async () => {
  await pot("a", { glaze: "salt" });
  const fields = JSON.stringify({ _counter: "111", _product: "120", _multer: "3", "-mark": "x", "@": "{}", _: "bare" });
  await app.sql(`update "${app.appId}".job set fields = $1 where id = 'a'`, [fields]);

  const data = await Search.findAllUserData("a", mesh);

  expect(data).toEqual({ counter: "111", product: "120", multer: "3", "": "bare" });
  expect(await Search.findAllUserData("none", mesh)).toEqual({});
});

test("a search by SQL has the views of the app at hand, and its parameters are parameters", async () => {
  await pot("a", { glaze: "salt" });
  await pot("b", { glaze: "ash" });
  const sql = `select j.id, j.context ->> 'glaze' as glaze from jobs_attributes as a join jobs as j on j.id = a.job_id
    where a.symbol = '_mark' and a.value = $1`;

  expect(await searchJobs({ hotMesh: mesh, sql, params: ["b"] })).toEqual([{ id: "b", glaze: "ash" }]);
  expect(await searchJobs({ hotMesh: mesh, sql, params: ["' or true --"] })).toEqual([]);
  expect(await searchJobs({ hotMesh: mesh, sql: "select 1 as one" })).toEqual([{ one: 1 }]);
  await expect(searchJobs({ hotMesh: mesh, sql: "select nonsense" })).rejects.toMatchObject({ kind: "storage-failed" });
  expect(await searchJobs({ hotMesh: mesh, sql: "show search_path" })).toEqual([
    { search_path: `"${app.appId}", public` },
  ]);
});
