import { address, generationId, jobId, type Lease, rootAddress } from "@hotmesh/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimed, openRoles, type RolesHarness } from "../testing/worker-role.js";

const mine = "apple.press";
const theirs = "pear.press";
/** Where the pass of the message stands. */
const at = ",0,0";

let mesh: RolesHarness<"press" | "cellar">;
let lease: Lease;

beforeAll(async () => {
  mesh = await openRoles({ press: [mine], cellar: [theirs] });
  await mesh.offer(mine);
  lease = await claimed(mesh.roles.press.worker, mine);
  await mesh.owner.query(
    `update ${mesh.schema}.message set job_id = 'apple', generation = 'g', path = 'main,0,0' where key = $1`,
    [lease.key],
  );
  // What stands below the pass of the message, and what does not.
  for (const [activity, place] of [
    ["sleep", `${at},0,1`],
    ["main", `${at},0`],
    ["sleep", `${at},1,1`],
    ["sleep", `${at},01`],
  ]) {
    await mesh.owner.query(
      `insert into ${mesh.schema}.activity (
        job_id, activity_id, address, generation, type, open, output, hook, input, metadata, started_at
      ) values ($1, $2, $3, $4, 'code', false, '{"seq":1}', 'null', 'null', '{}', 1)`,
      ["apple", activity, place, "g"],
    );
  }
});

afterAll(() => mesh.close());

function history(by: "press" | "cellar", under: string, changed: Partial<Record<"job" | "generation", string>> = {}) {
  const { job = "apple", generation = "g" } = changed;
  const { store } = mesh.roles[by].worker;
  return store.readPasses(jobId(job), generationId(generation), { under: address(under) });
}

test("whoever holds a lease reads what is recorded below its pass, of the turn that is asked for", async () => {
  const rows = await history("press", `${at},0`);

  expect(rows.map(({ activity, address: at }) => [activity, at])).toEqual([
    ["main", `${at},0`],
    ["sleep", `${at},0,1`],
  ]);
  expect(rows[1]?.output).toEqual({ seq: 1 });
});

test.each([
  ["the job as a whole", () => history("press", rootAddress)],
  ["the pass itself", () => history("press", at)],
  ["the pass of somebody else", () => history("press", ",7,0")],
  ["a pattern", () => history("press", "%")],
  ["another job", () => history("press", `${at},0`, { job: "nobody" })],
  ["another generation", () => history("press", `${at},0`, { generation: "another" })],
  ["a job of another stream", () => history("cellar", `${at},0`)],
])("F24 nobody reads %s", async (_, read) => {
  await expect(read()).rejects.toMatchObject({ cause: { code: "42501" } });
});

test("F24 nobody reads a job without saying which turn", async () => {
  const { store } = mesh.roles.press.worker;
  await expect(store.readPasses(jobId("any"), generationId("any"))).rejects.toMatchObject({ kind: "forbidden" });
});

test("F24 a lease that is over opens nothing", async () => {
  await mesh.owner.query(`update ${mesh.schema}.message set lease_until = 1 where key = $1`, [lease.key]);
  await expect(history("press", `${at},0`)).rejects.toMatchObject({ cause: { code: "42501" } });
});
