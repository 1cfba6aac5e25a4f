import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { QuorumMessage } from "../index.js";
import { type Elsewhere, type Heard, messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

let app: SeedApp;
/** An engine and a worker in another process. */
let van: Elsewhere;
/** A worker without an engine in a third process. */
let porter: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("seedbus");
  await app.activate(documentOf(app.appId, ["label.print"]));
  [van, porter] = await Promise.all([
    app.join("van-17", ["label.print"]),
    app.join("porter-3", ["fee.collect"], { engine: "none" }),
  ]);
});

afterAll(() => app.close());

beforeEach(() => {
  for (const { heard } of everybody()) heard.length = 0;
});

const everybody = (): readonly { readonly heard: Heard[] }[] => [app, van, porter];
/** Longer than a notification takes, and shorter than any poll. */
const promptly = { timeout: 3_000 };

/** Every callback in every process has been called with this, in time. */
async function heardByAll(message: QuorumMessage): Promise<void> {
  const topic = `hmsh:${app.appId}:q:`;
  await vi.waitFor(() => {
    for (const { heard } of everybody()) expect(heard).toContainEqual({ topic, message });
  }, promptly);
}

test("S72 pubQuorum reaches every member of the mesh, in this process and in others", async () => {
  const message: QuorumMessage = { type: "user", topic: "tide.turned", message: { level: 3 } };

  expect(await app.desk.pubQuorum(message)).toBe(true);

  await heardByAll(message);
});

const sendable: readonly QuorumMessage[] = [
  { type: "ping", originator: "question-73" },
  { type: "pong", guid: "ghost", originator: null },
  { type: "activate", cache_mode: "cache", until_version: "1" },
  { type: "throttle", throttle: 0, guid: "ghost" },
  { type: "job", topic: "label.printed", job: { metadata: { jid: "J73" }, data: { sheet: 1 } } },
  { type: "user", topic: "tide.turned", message: {} },
  { type: "work", originator: "van-17" },
  { type: "cron", originator: "van-17", topic: "nightly.count", id: "N1" },
  { type: "rollcall", guid: "ghost", interval: 5, max: 1 },
  { type: "duress", originator: "van-17", duress_score_ms: 300, throttle_ms: 150, level: "mild" },
];

test.each(sendable)("S73 a message of type $type may be sent, from wherever", async (message) => {
  expect(await van.call("pubQuorum", message)).toBe(true);

  await heardByAll(message);
});

test("S74 S83 a user message brings its topic and whatever the application says in it", async () => {
  const said = {
    text: "ebb\nand flow, £5, 潮",
    none: null,
    deep: { list: [1, [2, { three: true }]] },
    long: "~".repeat(9_000),
  };
  const message: QuorumMessage = { type: "user", topic: "tide.told", message: said };

  await porter.call("pubQuorum", message);

  await heardByAll(message);
});

test("S75 subQuorum receives every message of every process in real time, also those that are alike", async () => {
  const said = (by: string, number: number): QuorumMessage => ({
    type: "user",
    topic: "count",
    message: { by, number },
  });
  const counting = async (by: string, publish: (message: QuorumMessage) => Promise<unknown>): Promise<void> => {
    for (let number = 0; number < 20; number += 1) await publish(said(by, number));
    await Promise.all(Array.from({ length: 5 }, () => publish(said(by, -1))));
  };

  await Promise.all([
    counting("desk", (message) => app.desk.pubQuorum(message)),
    counting("van-17", (message) => van.call("pubQuorum", message)),
    counting("porter-3", (message) => porter.call("pubQuorum", message)),
  ]);

  const numbers = [...Array(20).keys(), ...Array(5).fill(-1)];
  await vi.waitFor(() => {
    for (const { heard } of everybody()) {
      const told = messagesOf(heard, "user").map(({ message }) => message);
      for (const by of ["desk", "van-17", "porter-3"]) {
        expect(told.filter((each) => each["by"] === by).map(({ number }) => number)).toEqual(numbers);
      }
    }
  }, promptly);
});

test("S76 one callback observes the mesh: activations, throttles, roll calls, completions, custom events", async () => {
  await app.desk.deploy(documentOf(app.appId, ["label.print"], "1.76"));

  await van.call("activate", "1.76", 50);
  await porter.call("throttle", { throttle: 0, topic: "fee.collect" });
  await porter.call("rollCall", 200);
  await van.call("pub", "do.label.print", { id: "P76" });
  await van.call("pubQuorum", { type: "user", topic: "tide.turned", message: {} });

  const types = ["activate", "job", "ping", "pong", "throttle", "user"];
  await vi.waitFor(() => {
    for (const { heard } of everybody()) {
      expect(heard.map(({ message }) => message.type)).toEqual(expect.arrayContaining(types));
    }
  }, promptly);
});

/** The compiler refuses this when the type of a message does not tell which fields it has. */
function gist(message: QuorumMessage): string {
  switch (message.type) {
    case "ping":
    case "work":
    case "cron":
    case "duress":
      return `${message.type} of ${message.originator}`;
    case "pong":
      return `pong of ${message.guid}`;
    case "activate":
      return `activate ${message.cache_mode} until ${message.until_version}`;
    case "throttle":
      return `throttle ${message.throttle}`;
    case "job":
      return `job ${message.job.metadata["jid"]}`;
    case "user":
      return `user ${Object.keys(message.message).join()}`;
    case "rollcall":
      return `rollcall every ${message.interval} s`;
  }
}

test("S77 the callback gets the channel and a message that its type tells apart", async () => {
  const calls: unknown[][] = [];
  const callback = (...parameters: [string, QuorumMessage]): void => {
    calls.push([parameters.length, parameters[0], gist(parameters[1])]);
  };
  await app.desk.subQuorum(callback);

  for (const message of sendable) if (message.type !== "ping") await van.call("pubQuorum", message);
  const gists = [
    "pong of ghost",
    "activate cache until 1",
    "throttle 0",
    "job J73",
    "user ",
    "work of van-17",
    "cron of van-17",
    "rollcall every 5 s",
    "duress of van-17",
  ];
  const expected = gists.map((each) => [2, `hmsh:${app.appId}:q:`, each]);
  await vi.waitFor(() => expect(calls).toEqual(expect.arrayContaining(expected)), promptly);
  await app.desk.unsubQuorum(callback);
});

test("S78 unsubQuorum removes the callback that it is given, and no other", async () => {
  const removed: QuorumMessage[] = [];
  const kept: QuorumMessage[] = [];
  const callback = (_: string, message: QuorumMessage): number => removed.push(message);
  const other = (_: string, message: QuorumMessage): number => kept.push(message);
  await app.desk.subQuorum(callback);
  await app.desk.subQuorum(other);
  const first: QuorumMessage = { type: "user", topic: "tide", message: { number: 1 } };
  const second: QuorumMessage = { type: "user", topic: "tide", message: { number: 2 } };

  await van.call("pubQuorum", first);
  await vi.waitFor(() => expect([removed, kept]).toEqual([[first], [first]]), promptly);
  await app.desk.unsubQuorum(callback);
  await van.call("pubQuorum", second);

  await vi.waitFor(() => expect(kept).toEqual([first, second]), promptly);
  expect(removed).toEqual([first]);
  await app.desk.unsubQuorum(other);
});
