import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

const topics = ["label.print", "fee.collect"];
let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("byhand");
  await app.activate(documentOf(app.appId, topics));
  await Promise.all(["van-17", "van-18"].map((guid) => app.join(guid, topics, { isClumsy: true })));
});

afterAll(() => app.close());

const say = (payload: string) => app.sql("select pg_notify($1, $2)", [`hmsh:${app.appId}:q:`, payload]);
const membersOf = (guid: string): readonly string[] => ["engine", ...topics].map((name) => `${guid} ${name}`);

test("F9 nothing that is sent by hand, and no callback, can end a process or is stored", async () => {
  const types = ["ping", "pong", "activate", "throttle", "job", "user", "work", "cron", "rollcall", "duress", "shout"];
  const malformed = [
    ...types.map((type) => JSON.stringify({ type })),
    ...types.map((type) => JSON.stringify({ from: "someone", c: "quorum", b: { type, topic: 7, guid: [] } })),
    '{"type":"throttle","throttle":3e9}',
    '{"type":"rollcall","interval":-1,"max":-1}',
    '{"from":"someone","c":"quorum","r":"no such notice"}',
    '{"from":"someone","c":"job","b":{"job":{}}}',
    "{",
    "shout",
    "",
  ];
  for (const payload of malformed) await say(payload);

  await app.order("label.print", 3);
  await vi.waitFor(() => expect(app.begun()).toHaveLength(3), 10_000);

  expect(app.elsewhere.map(({ isAlive }) => isAlive)).toEqual([true, true]);
  expect(Object.keys(await app.rates(500)).sort()).toEqual(
    ["desk engine", ...membersOf("van-17"), ...membersOf("van-18")].sort(),
  );
  expect(await app.rows("throttles")).toEqual([]);
});

test("S75 a message that a person sends by hand is heard in every process", async () => {
  const message = { type: "user", topic: "settings.reload", message: { by: "hand" } };

  await say(JSON.stringify(message));

  for (const { heard } of [app, ...app.elsewhere]) {
    await vi.waitFor(() => expect(heard.map((one) => one.message)).toContainEqual(message), 5_000);
  }
});

test("S93 the views show what was commanded, and who is there", async () => {
  await app.desk.throttle({ throttle: 250, topic: "label.print" });
  await app.desk.throttle({ throttle: -1, scope: "engines", guid: "van-18" });
  await app.elsewhere.find(({ spec }) => spec.guid === "van-17")?.leave();

  const throttles = await app.rows("throttles");
  expect(throttles.map(({ topic, guid, scope, throttle }) => [topic, guid, scope, Number(throttle)])).toEqual([
    ["label.print", null, "workers", 250],
    [null, "van-18", "engines", -1],
  ]);
  expect((await app.rows("members")).map(({ guid, role, topic }) => `${guid} ${topic || role}`).sort()).toEqual(
    ["desk engine", ...membersOf("van-18")].sort(),
  );
});
