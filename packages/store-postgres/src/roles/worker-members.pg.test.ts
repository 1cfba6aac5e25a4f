import type { MemberRecord } from "@hotmesh/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openRoles, type RolesHarness } from "../testing/worker-role.js";

const mine = "apple.press";
const theirs = "pear.press";

let mesh: RolesHarness<"press">;

beforeAll(async () => {
  mesh = await openRoles({ press: [mine] });
});

afterEach(async () => {
  for (const table of ["member", "throttle"]) await rows(`delete from {{schema}}.${table}`);
});

afterAll(async () => {
  await mesh.close();
});

const rows = async (text: string, values: unknown[] = []) =>
  (await mesh.owner.query(text.replaceAll("{{schema}}", mesh.schema), values)).rows;

const worker = (guid: string, topic: string): MemberRecord => ({ guid, role: "worker", topic, version: "1" });
const engine: MemberRecord = { guid: "a", role: "engine", topic: null, version: "1" };

test("F24 a role says that workers of its own streams are there, and can say it of no others", async () => {
  const { registry } = mesh.roles.press.worker;

  await registry.checkIn([worker("a", mine), worker("a", theirs), engine]);

  expect(await mesh.app.backend.registry.members()).toMatchObject([{ guid: "a", role: "worker", topic: mine }]);
});

test("F24 a role checks its own workers out, and nobody else; they are not forgotten", async () => {
  const open = mesh.app.backend.registry;
  const all = [worker("a", mine), worker("a", theirs), engine];
  await open.checkIn(all);

  await mesh.roles.press.worker.registry.checkOut(all);
  const left = await open.members();
  const client = await mesh.roles.press.login();
  const gone = JSON.stringify([{ guid: "a", role: "worker", topic: mine }]);
  await client.query(`select ${mesh.schema}.worker_check_out($1, 9e15::bigint)`, [gone]);

  expect(left).toMatchObject([{ role: "engine" }, { role: "worker", topic: theirs }]);
  const [row] = await rows("select {{schema}}.now_ms() - seen_at as ago from {{schema}}.member where topic = $1", [
    mine,
  ]);
  expect(Number(row.ago)).toBeLessThan(660_000);
});

test("F24 a role is shown the rules that can concern its workers, oldest first, and no others", async () => {
  const rule = { throttle: 5, topic: null, guid: null, scope: "all" } as const;
  const rules = [
    { ...rule, throttle: 1, topic: mine, scope: "workers" as const },
    { ...rule, throttle: 2, topic: theirs, scope: "workers" as const },
    { ...rule, throttle: 3, guid: "b" },
    { ...rule, throttle: 4, guid: "c", scope: "engines" as const },
  ];
  for (const command of rules) await mesh.app.backend.registry.throttle(command);

  expect(await mesh.roles.press.worker.registry.checkIn([worker("a", mine)])).toEqual([rules[0], rules[2]]);
});
