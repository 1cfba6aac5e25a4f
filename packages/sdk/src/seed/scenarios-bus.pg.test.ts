import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { HotMesh, type JobOutput, type QuorumMessage } from "../index.js";
import type { Elsewhere } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { connection, SeedApp } from "../testing/seed-app.js";

let app: SeedApp;
/** Another instance in this process, and two in other processes, of which one is a worker without an engine. */
let neighbour: HotMesh;
let van: Elsewhere;
let porter: Elsewhere;
const near: { readonly topic: string; readonly message: QuorumMessage }[] = [];

beforeAll(async () => {
  app = await SeedApp.open("seedtale");
  await app.activate(documentOf(app.appId, ["label.print"]));
  const engine = { connection: connection() };
  neighbour = await HotMesh.init({ appId: app.appId, guid: "neighbour", logLevel: "silent", engine });
  await neighbour.subQuorum((topic, message) => near.push({ topic, message }));
  [van, porter] = await Promise.all([
    app.join("van-17", ["label.print"]),
    app.join("porter-3", ["fee.collect"], { engine: "none" }),
  ]);
});

afterAll(() => app.close());

beforeEach(() => {
  near.length = 0;
  for (const each of [app, van, porter]) each.heard.length = 0;
});

async function heardByAll(message: QuorumMessage): Promise<void> {
  const topic = `hmsh:${app.appId}:q:`;
  await vi.waitFor(() => {
    for (const heard of [near, app.heard, van.heard, porter.heard]) expect(heard).toEqual([{ topic, message }]);
  }, 3_000);
}

test("S113 an event of the application reaches every callback in every process", async () => {
  const hotMesh = app.desk;

  await hotMesh.pubQuorum({
    type: "user",
    topic: "release.done",
    message: { version: "3.4.0", by: "nightly-build" },
  });

  await heardByAll({ type: "user", topic: "release.done", message: { version: "3.4.0", by: "nightly-build" } });
});

test("S114 a nested message arrives unchanged", async () => {
  const hotMesh = app.desk;

  await hotMesh.pubQuorum({
    type: "user",
    topic: "settings.reload",
    message: { switches: { newLabels: true } },
  });

  await heardByAll({ type: "user", topic: "settings.reload", message: { switches: { newLabels: true } } });
});

/** A board that remembers what it was told. */
function boardOfMesh() {
  const members: unknown[] = [];
  const throttles: unknown[] = [];
  const jobs: { readonly topic: string; readonly job: JobOutput }[] = [];
  const notes: unknown[] = [];
  return {
    members,
    throttles,
    jobs,
    notes,
    member: (guid: string, details: object) => members.push({ guid, ...details }),
    throttled: (...told: unknown[]) => throttles.push(told),
    done: (topic: string, job: JobOutput) => jobs.push({ topic, job }),
    note: (...told: unknown[]) => notes.push(told),
  };
}

test("S115 a live board of the mesh is told of what other instances do, with the fields it names", async () => {
  const hotMesh = app.desk;
  const board = boardOfMesh();

  await hotMesh.subQuorum((topic, message) => {
    expect(topic).toBe(`hmsh:${app.appId}:q:`);
    switch (message.type) {
      case "pong":
        board.member(message.guid, {
          topic: message.profile?.worker_topic,
          throttle: message.profile?.throttle,
          depth: message.profile?.stream_depth,
          cpu: message.profile?.system?.CPULoad,
        });
        break;
      case "throttle":
        board.throttled(message.throttle, message.topic, message.guid);
        break;
      case "job":
        board.done(message.topic, message.job);
        break;
      case "user":
        board.note(message.topic, message.message);
        break;
    }
  });
  await porter.call("throttle", { throttle: 300, topic: "fee.collect", guid: "porter-3" });
  await vi.waitFor(async () => expect(await app.rates()).toMatchObject({ "porter-3 fee.collect": 300 }), 10_000);
  board.members.length = 0;
  await van.call("rollCall", 500);
  const { data } = (await van.call("pubsub", "do.label.print", { id: "P115" })) as JobOutput;
  await porter.call("pubQuorum", { type: "user", topic: "release.done", message: { version: "3.4.0" } });
  await porter.call("throttle", { throttle: 0 });

  const cpu = expect.arrayContaining([{ "CPU 0": expect.stringMatching(/^\d+\.\d%$/) }]);
  await vi.waitFor(() => {
    expect(board.members).toEqual(
      expect.arrayContaining([
        { guid: "desk", topic: undefined, throttle: 0, depth: 0, cpu },
        { guid: "neighbour", topic: undefined, throttle: 0, depth: 0, cpu },
        { guid: "van-17", topic: undefined, throttle: 0, depth: 0, cpu },
        { guid: "van-17", topic: "label.print", throttle: 0, depth: 0, cpu },
        { guid: "porter-3", topic: "fee.collect", throttle: 300, depth: 0, cpu },
      ]),
    );
    expect(board.throttles).toEqual([
      [300, "fee.collect", "porter-3"],
      [0, undefined, undefined],
    ]);
    expect(board.jobs).toEqual([
      {
        topic: "done.label.print",
        job: { metadata: expect.objectContaining({ jid: "P115", js: 0, state: "completed" }), data },
      },
    ]);
    expect(board.notes).toEqual([["release.done", { version: "3.4.0" }]]);
  }, 5_000);
  expect(data).toEqual({ by: "van-17" });
});
