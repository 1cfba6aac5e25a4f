import { Client } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type JobOutput } from "../index.js";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { connection, SeedApp } from "../testing/seed-app.js";

/** The steps build on each other, as they do in a program. */
let app: SeedApp;
let van: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("seedlife");
  van = await app.join("van-17", ["label.print"]);
});

afterAll(() => app.close());

const versions = async (): Promise<readonly string[]> =>
  (await app.rows("versions")).map(({ version, status }) => `${version} ${status}`);

test("S9 init makes the engine and the workers and joins the quorum", async () => {
  const callback = async () => ({ data: {} });
  const mesh = await HotMesh.init({
    appId: app.appId,
    guid: "nine",
    logLevel: "silent",
    engine: { connection: connection() },
    workers: [{ topic: "fee.collect", connection: connection(), callback }],
  });

  expect(mesh).toMatchObject({ appId: app.appId, guid: "nine" });
  expect([mesh.engine === null, mesh.workers.length]).toEqual([false, 1]);
  expect(Object.keys(await app.rates())).toEqual(expect.arrayContaining(["nine engine", "nine fee.collect"]));
  await mesh.stop();
});

test("S10 deploy uploads a YAML graph to Postgres, where it stays inactive", async () => {
  await app.desk.deploy(documentOf(app.appId, ["label.print"]));

  expect(await versions()).toEqual(["1 deployed"]);
  await expect(app.desk.pub("do.label.print", { id: "P1" })).rejects.toMatchObject({ kind: "not-active" });
  expect(await app.rows("jobs")).toEqual([]);
});

test("S11 activate has the quorum switch the mesh to the new version", async () => {
  expect(await app.desk.activate("1", 20)).toBe(true);

  expect(await versions()).toEqual(["1 activated"]);
  await vi.waitFor(() => expect(messagesOf(van.heard, "activate")).toHaveLength(2));
  expect(await van.call("pub", "do.label.print", { id: "P11" })).toBe("P11");
});

test("S12 pub and pubsub trigger the execution of a workflow", async () => {
  const id = await app.desk.pub("do.label.print", { id: "P12" });
  const output: JobOutput = await app.desk.pubsub("do.label.print", { id: "P13" });

  expect([id, output.metadata["jid"], output.data]).toEqual(["P12", "P13", { by: "van-17" }]);
  await vi.waitFor(async () =>
    expect((await app.rows("jobs")).map(({ id: job, state }) => `${job} ${state}`).sort()).toEqual([
      "P11 completed",
      "P12 completed",
      "P13 completed",
    ]),
  );
  expect(van.begun.map(({ id: job }) => job).sort()).toEqual(["P11", "P12", "P13"]);
});

test("S13 stop leaves the quorum and releases the connections", async () => {
  const options = { ...connection().options, application_name: `${app.appId} thirteen` };
  const own = { class: Client, options };
  const callback = async () => ({ data: {} });
  const mesh = await HotMesh.init({
    appId: app.appId,
    guid: "thirteen",
    logLevel: "silent",
    engine: { connection: own },
    workers: [{ topic: "fee.collect", connection: own, callback }],
  });
  const open = async (): Promise<number> =>
    (await app.sql("select pid from pg_stat_activity where application_name = $1", [options.application_name])).length;
  expect(await open()).toBeGreaterThan(0);
  expect(Object.keys(await app.rates())).toEqual(expect.arrayContaining(["thirteen engine", "thirteen fee.collect"]));

  await mesh.stop();

  expect(Object.keys(await app.rates()).sort()).toEqual(["desk engine", "van-17 engine", "van-17 label.print"]);
  await vi.waitFor(async () => expect(await open()).toBe(0));
});
