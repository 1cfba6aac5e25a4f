import { Server, Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { HotMesh, type JobOutput } from "../index.js";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const topics = ["label.print", "fee.collect"];
const patience = { timeout: 60_000 };

let app: SeedApp;
/** An engine with a worker, an engine that never claims, and a worker without an engine: each a process of its own. */
let van: Elsewhere;
let clerk: Elsewhere;
let porter: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("seedproduct");
  await app.activate(documentOf(app.appId, topics));
  [van, clerk, porter] = await Promise.all([
    app.join("van-17", topics),
    app.join("clerk-1", [], { engine: "reader" }),
    app.join("porter-3", ["fee.collect"], { engine: "none" }),
  ]);
});

afterAll(() => app.close());

test(
  "S1 Postgres alone makes a workflow durable: begun in one process, it is ended in others after that has gone",
  patience,
  async () => {
    const appId = `${app.appId}d`;
    const first = await HotMesh.init({ appId, logLevel: "silent", engine: { connection: connection() } });
    await first.deploy(documentOf(appId, ["label.print"]));
    await first.activate("1", 20);
    await first.pub("do.label.print", { id: "P1" });
    await first.stop();
    expect(await app.sql(`select id, state from "${appId}".jobs`)).toEqual([{ id: "P1", state: "running" }]);

    const there = { connection: inject("postgresUrl"), appId, patterns: [] };
    const engine = await app.join("later-1", [], { ...there, engine: "whole" });
    const worker = await app.join("later-2", ["label.print"], { ...there, engine: "none" });

    await vi.waitFor(
      async () =>
        expect(await app.sql(`select id, state, context from "${appId}".jobs`)).toEqual([
          { id: "P1", state: "completed", context: { by: "later-2" } },
        ]),
      15_000,
    );
    for (const one of [engine, worker]) {
      await one.leave();
      app.elsewhere.splice(app.elsewhere.indexOf(one), 1);
    }
    await app.sql(`drop schema "${appId}" cascade`);
  },
);

test("S2 at run time nothing is connected to but Postgres, and nothing is listened on", async () => {
  const connect = vi.spyOn(Socket.prototype, "connect");
  const listen = vi.spyOn(Server.prototype, "listen");
  const appId = `${app.appId}n`;
  const worker = { topic: "label.print", connection: connection(), callback: async () => ({ data: { by: "here" } }) };
  const { host, port } = new Client(connection().options);

  const mesh = await HotMesh.init({
    appId,
    logLevel: "silent",
    engine: { connection: { class: Client, options: { ...connection().options, application_name: "alone" } } },
    workers: [worker],
  });
  await mesh.deploy(documentOf(appId, ["label.print"]));
  await mesh.activate("1", 20);
  await mesh.pubsub("do.label.print", { id: "P1" });
  await mesh.stop();

  const targets = connect.mock.calls.map((call: readonly unknown[]) =>
    host.startsWith("/") ? call[0] : call.slice(0, 2),
  );
  expect(targets.length).toBeGreaterThan(0);
  expect(new Set(targets.map((target) => JSON.stringify(target)))).toEqual(
    new Set([JSON.stringify(host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : [port, host])]),
  );
  expect(listen).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  await app.sql(`drop schema "${appId}" cascade`);
});

test("S3 each init makes one point of presence: an engine, a member of the quorum, and any workers", async () => {
  const engine = { connection: connection() };
  const callback = async () => ({ data: {} });
  const workers = ["a.b", "c.d"].map((topic) => ({ topic, connection: connection(), callback }));
  const common = { appId: app.appId, logLevel: "silent" as const };
  const bare = await HotMesh.init({ ...common, guid: "bare", engine });
  const full = await HotMesh.init({ ...common, guid: "full", engine, workers });

  expect([bare.engine === null, bare.workers.length]).toEqual([false, 0]);
  expect([full.engine === null, full.workers.length]).toEqual([false, 2]);
  const mine = (await app.desk.rollCall(400)).filter(({ engine_id: id }) => id === "bare" || id === "full");
  expect(mine.map(({ engine_id: id, worker_topic: topic }) => `${id} ${topic ?? "engine"}`).sort()).toEqual([
    "bare engine",
    "full a.b",
    "full c.d",
    "full engine",
  ]);
  await Promise.all([bare.stop(), full.stop()]);
});

test(
  "S4 points of presence work together by LISTEN/NOTIFY and find each other; none is special",
  patience,
  async () => {
    const appId = `${app.appId}s`;
    const founder = await HotMesh.init({ appId, logLevel: "silent", engine: { connection: connection() } });
    await founder.deploy(documentOf(appId, ["label.print"]));
    await founder.activate("1", 20);
    const [one, two] = await Promise.all([
      app.join("one", ["label.print"], { appId, engine: "whole" }),
      app.join("two", ["label.print"], { appId, engine: "whole" }),
    ]);
    const ear = new Client(connection().options);
    await ear.connect();
    const channels: string[] = [];
    ear.on("notification", ({ channel }) => channels.push(channel));
    await ear.query(`listen "hmsh:${appId}:q:"`);
    const members = async (asked: Elsewhere): Promise<readonly string[]> => {
      const profiles = (await asked.call("rollCall", 400)) as readonly { engine_id: string }[];
      return [...new Set(profiles.map(({ engine_id: id }) => id))].sort();
    };

    await founder.stop();
    expect(await members(two)).toEqual(["one", "two"]);
    await one.kill("SIGKILL");
    const three = await app.join("three", ["label.print"], { appId, engine: "whole" });

    await vi.waitFor(async () => expect(await members(two)).toEqual(["three", "two"]), 10_000);
    expect(await members(three)).toEqual(["three", "two"]);
    const { metadata } = (await three.call("pubsub", "do.label.print", { id: "P1" })) as JobOutput;
    expect(metadata).toMatchObject({ jid: "P1", state: "completed" });
    expect(new Set(channels)).toEqual(new Set([`hmsh:${appId}:q:`]));
    await ear.end();
    for (const left of [two, three]) await left.leave();
    app.elsewhere.splice(-3);
    await app.sql(`drop schema "${appId}" cascade`);
  },
);

test("S5 every instance is in the quorum, a channel of LISTEN/NOTIFY, whatever it is made of", async () => {
  const ear = new Client(connection().options);
  await ear.connect();
  const payloads: string[] = [];
  ear.on("notification", ({ payload }) => payloads.push(payload ?? ""));
  await ear.query(`listen "hmsh:${app.appId}:q:"`);

  for (const [index, one] of [van, clerk, porter].entries())
    await one.call("pubQuorum", { type: "user", topic: `from.${index}`, message: {} });

  await vi.waitFor(() => {
    for (const { heard } of [app, van, clerk, porter])
      expect(
        messagesOf(heard, "user")
          .map(({ topic }) => topic)
          .filter((topic) => topic.startsWith("from."))
          // A member hears itself at once, before what others have sent arrives.
          .sort(),
      ).toEqual(["from.0", "from.1", "from.2"]);
  }, 3_000);
  expect(payloads.filter((payload) => payload.includes('"from.'))).toHaveLength(3);
  await ear.end();
});

test(
  "S6 activations, throttles, roll calls and user messages of any member reach every other one at once",
  patience,
  async () => {
    await app.calm();
    await app.desk.deploy(documentOf(app.appId, topics, "2"));

    for (const [sender, name] of [
      [van, "van"],
      [porter, "porter"],
      [clerk, "clerk"],
    ] as const) {
      for (const { heard } of [app, van, clerk, porter]) heard.length = 0;
      await sender.call("throttle", { throttle: 0 });
      await sender.call("rollCall", 200);
      await sender.call("pubQuorum", { type: "user", topic: `by.${name}`, message: {} });
      // A worker without an engine has nothing to activate with.
      const version = name === "van" ? "2" : name === "clerk" ? "1" : null;
      if (version !== null) await sender.call("activate", version, 50);

      await vi.waitFor(() => {
        for (const { heard } of [app, van, clerk, porter]) {
          expect(messagesOf(heard, "throttle")).toHaveLength(1);
          expect(messagesOf(heard, "ping").length).toBeGreaterThan(0);
          expect(messagesOf(heard, "user").map(({ topic }) => topic)).toEqual([`by.${name}`]);
          const modes = messagesOf(heard, "activate").map(({ cache_mode: mode, until_version: to }) => `${mode} ${to}`);
          expect(modes).toEqual(version === null ? [] : [`nocache ${version}`, `cache ${version}`]);
        }
      }, 2_000);
      // Workers have no ears of their own: that they heard is seen by what they answer.
      const answered = new Set(
        messagesOf(app.heard, "pong").map(
          ({ profile }) => `${profile?.engine_id} ${profile?.worker_topic ?? "engine"}`,
        ),
      );
      for (const member of [
        "desk engine",
        "van-17 engine",
        "van-17 label.print",
        "clerk-1 engine",
        "porter-3 fee.collect",
      ])
        expect(answered).toContain(member);
    }
  },
);

test(
  "S7 every member may use the bus: to control, to observe, and for messages of the application",
  patience,
  async () => {
    await app.calm();

    await porter.call("pubQuorum", { type: "user", topic: "depot.opens", message: { at: 7 } });
    await porter.call("throttle", { throttle: 5, topic: "label.print" });
    await app.obeys({ "van-17 label.print": 5 });
    await porter.call("throttle", { throttle: 0 });
    await app.desk.pubsub("do.fee.collect", { id: "F7" });

    await vi.waitFor(() => {
      for (const { heard } of [app, clerk, van, porter]) {
        expect(messagesOf(heard, "user")).toEqual([{ type: "user", topic: "depot.opens", message: { at: 7 } }]);
        expect(messagesOf(heard, "throttle").map(({ throttle }) => throttle)).toEqual([5, 0]);
        expect(messagesOf(heard, "job").map(({ topic, job }) => [topic, job.metadata["jid"]])).toContainEqual([
          "done.fee.collect",
          "F7",
        ]);
      }
    }, 3_000);
  },
);

test(
  "S8 throttles travel over the quorum and control the flow finely, at every member they are meant for",
  patience,
  async () => {
    await app.calm();

    await porter.call("throttle", { throttle: 40, topic: "fee.collect" });
    await app.obeys({ "van-17 fee.collect": 40, "porter-3 fee.collect": 40 });
    await clerk.call("throttle", { throttle: 70, topic: "fee.collect", guid: "van-17" });
    await app.obeys({ "van-17 fee.collect": 70, "porter-3 fee.collect": 40 });
    await van.call("throttle", { throttle: 90, guid: "clerk-1" });
    await app.obeys({ "van-17 fee.collect": 70, "porter-3 fee.collect": 40, "clerk-1 engine": 90 });

    await app.calm();
  },
);
