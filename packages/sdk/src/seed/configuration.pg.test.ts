import { Client, type ClientConfig } from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import * as sdk from "../index.js";
import { HotMesh, type HotMeshConfig, type StreamData, type StreamDataResponse, StreamStatus } from "../index.js";
import { documentOf } from "../testing/mesh.js";
import { connection, SeedApp } from "../testing/seed-app.js";

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedconfig");
  await app.activate(documentOf(app.appId, ["label.print", "fee.collect"]));
});

afterAll(() => app.close());

/** Another instance of the app, or of an app that is named. */
const init = (config: Partial<HotMeshConfig>): Promise<HotMesh> =>
  HotMesh.init({ appId: app.appId, logLevel: "silent", ...config });
/** A connection that can be told from others in the database. */
const named = (name: string) => ({
  class: Client,
  options: { ...connection().options, application_name: `${app.appId} ${name}` },
});
const openAs = async (name: string): Promise<number> =>
  (await app.sql("select pid from pg_stat_activity where application_name = $1", [`${app.appId} ${name}`])).length;

test("S15 init is static, takes one configuration object, and resolves to an instance", async () => {
  const promise = HotMesh.init({ appId: app.appId, logLevel: "silent", engine: { connection: connection() } });

  expect([HotMesh.init.length, promise instanceof Promise]).toEqual([1, true]);
  const mesh = await promise;
  expect(mesh).toBeInstanceOf(HotMesh);
  expect("init" in mesh).toBe(false);
  await mesh.stop();
});

test("S16 appId names the app: what belongs to one is not seen by another", async () => {
  const appId = `${app.appId}b`;
  const other = await init({ appId, engine: { connection: connection() } });
  await app.desk.pub("do.label.print", { id: "P16" });

  expect(other.appId).toBe(appId);
  expect(await app.desk.getStatus("P16")).toBe(1);
  await expect(other.getStatus("P16")).rejects.toMatchObject({ kind: "job-not-found" });
  await expect(other.pub("do.label.print", {})).rejects.toThrow(`no app found for id ${appId}`);
  expect(await other.rollCall(200)).toHaveLength(1);
  await other.stop();
  await app.sql(`drop schema "${appId}" cascade`);
});

test("S17 engine.connection is what the engine reaches Postgres by", async () => {
  const mesh = await init({ engine: { connection: named("engine") } });

  expect(await mesh.pub("do.label.print", { id: "P17" })).toBe("P17");
  expect(await openAs("engine")).toBeGreaterThan(0);
  await mesh.stop();
  expect(await openAs("engine")).toBe(0);
});

test("S18 a connection is a client class of pg and the options it is made with", async () => {
  const made: (string | ClientConfig | undefined)[] = [];
  class NotedClient extends Client {
    constructor(config?: string | ClientConfig) {
      super(config);
      made.push(config);
    }
  }
  const options = { ...connection().options, application_name: "noted", statement_timeout: 54_321 };

  const mesh = await init({ engine: { connection: { class: NotedClient, options } } });
  await mesh.pub("do.label.print", { id: "P18" });
  await mesh.stop();

  expect(made.length).toBeGreaterThan(0);
  for (const config of made) expect(config).toMatchObject(options);
});

test("S19 a connection string is enough to connect", async () => {
  const connectionString = inject("postgresUrl");
  const mesh = await init({ engine: { connection: { class: Client, options: { connectionString } } } });

  expect(connectionString).toMatch(/^postgres(ql)?:\/\//);
  expect(await mesh.pub("do.label.print", { id: "P19" })).toBe("P19");
  await mesh.stop();
});

test("S20 workers is a list; each entry has a connection of its own, a topic, and a callback", async () => {
  const answering = (by: string) => async () => ({ data: { by } });
  const mesh = await init({
    engine: { connection: named("desk") },
    workers: [
      { topic: "label.print", connection: named("printer"), callback: answering("printer") },
      { topic: "fee.collect", connection: named("till"), callback: answering("till") },
    ],
  });

  const [label, fee] = await Promise.all(
    ["label.print", "fee.collect"].map((topic) => mesh.pubsub(`do.${topic}`, { id: `20/${topic}` })),
  );

  expect([label?.data, fee?.data]).toEqual([{ by: "printer" }, { by: "till" }]);
  for (const name of ["desk", "printer", "till"]) expect([name, await openAs(name)]).not.toEqual([name, 0]);
  await mesh.stop();
});

test("S21 a callback gets the input in data and the address of the request in metadata", async () => {
  const requests: StreamData[] = [];
  const callback = async (data: StreamData): Promise<StreamDataResponse> => {
    requests.push(data);
    return { metadata: data.metadata, data: { by: "here" } };
  };
  const engine = { connection: connection() };
  const mesh = await init({ engine, workers: [{ topic: "fee.collect", connection: connection(), callback }] });

  await mesh.pubsub("do.fee.collect", { id: "P21" });

  const { metadata } = await mesh.getState("do.fee.collect", "P21");
  expect(requests).toHaveLength(1);
  expect(requests[0]?.data).toEqual({ id: "P21" });
  expect(requests[0]?.metadata).toMatchObject({
    ...{ guid: expect.any(String), topic: "fee.collect", jid: "P21", gid: metadata["gid"] },
    ...{ aid: "work1", dad: ",0,0" },
  });
  await mesh.stop();
});

test("S22 a callback answers with code, status, metadata and data; types and StreamStatus are exported", async () => {
  const callback = async (data: StreamData): Promise<StreamDataResponse> => ({
    code: 200,
    status: StreamStatus.SUCCESS,
    metadata: { ...data.metadata },
    data: { by: `for ${data.data["id"]}` },
  });
  const engine = { connection: connection() };
  const mesh = await init({ engine, workers: [{ topic: "fee.collect", connection: connection(), callback }] });

  const output = await mesh.pubsub("do.fee.collect", { id: "P22" });

  expect(output.data).toEqual({ by: "for P22" });
  expect(output.metadata).toMatchObject({ js: 0, state: "completed" });
  expect(sdk.StreamStatus).toEqual({ SUCCESS: "success", ERROR: "error", PENDING: "pending" });
  await mesh.stop();
});
