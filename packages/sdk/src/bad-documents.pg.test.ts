import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { CompileError, HotMesh } from "./index.js";

const appId = `bad-${randomUUID()}`;
const broken = `app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: order.place
      activities:
        start: { type: trigger }
        pack: { type: robot }
        ship: { type: worker, topic: ship, input: { maps: { to: '{strat.output.data.to}' } } }
      transitions:
        start: [ { to: shipp } ]
    - subscribes: order.return
      activities:
        ship: { type: worker, topic: ship }
`;
let mesh: HotMesh;
let client: Client;

beforeAll(async () => {
  mesh = await HotMesh.init({ appId, engine: { connection: inject("postgresUrl") } });
  client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
});

afterAll(async () => {
  await mesh.stop();
  await client.query(`drop schema if exists "${appId}" cascade`);
  await client.end();
});

test("a broken document is refused with one error that lists every problem with its place and a hint", async () => {
  const error = await refusal(broken);

  expect(error.problems.map(({ code, line, column, hint }) => [code, line, column, hint !== ""])).toEqual([
    ["unknown-type", 8, 23, true],
    ["unknown-reference", 9, 65, true],
    ["unknown-activity", 11, 24, true],
    ["duplicate-activity", 14, 9, true],
    ["no-trigger", 14, 9, true],
  ]);
  for (const { code } of error.problems) expect(error.message).toContain(code);
});

test("text that is no YAML is refused with the place where it stops to be", async () => {
  const error = await refusal("app: { id: x, version: '1'\n  graphs: [");

  expect(error.problems[0]).toMatchObject({ code: "malformed-yaml", line: 2, column: 3 });
  expect(new Set(error.problems.map(({ code, hint }) => `${code} ${hint}`)).size).toBe(1);
});

test("nothing of a refused document is written", async () => {
  await refusal(broken);

  const { rows } = await client.query(
    `select (select count(*) from "${appId}".plan)::int as plans,
      (select count(*) from "${appId}".versions)::int as versions`,
  );
  expect(rows).toEqual([{ plans: 0, versions: 0 }]);
});

async function refusal(document: string): Promise<CompileError> {
  const thrown = await mesh.deploy(document).then(
    () => new Error("it was deployed"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof CompileError)) throw thrown;
  return thrown;
}
