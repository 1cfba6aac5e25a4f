import {
  type AnswerBody,
  instant,
  keyAfter,
  type Lease,
  leaseToken,
  type Outcome,
  type Settlement,
} from "@hotmesh/core";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as one from "../testing/one-worker.js";
import { claimed, openRoles, type RolesHarness } from "../testing/worker-role.js";

const mine = "apple.press";
const plain = "apple.pick";
const theirs = "pear.press";

let mesh: RolesHarness<"press" | "cellar">;
let client: Client;
let other: Lease;

beforeAll(async () => {
  mesh = await openRoles({ press: [mine, one.topic], cellar: [theirs] });
  client = await mesh.roles.press.login();
});

afterEach(async () => {
  for (const table of ["message", "failed_attempt"]) await rows(`delete from {{schema}}.${table}`);
});

afterAll(async () => {
  await mesh.close();
});

const rows = async (text: string, values: unknown[] = []) =>
  (await mesh.owner.query(text.replaceAll("{{schema}}", mesh.schema), values)).rows;
const messages = () => rows("select * from {{schema}}.message order by key");

/** What the role says of a lease when it goes by no library. */
async function call(name: string, ...values: unknown[]) {
  const list = values.map((_, at) => `$${at + 1}`).join(", ");
  return (await client.query(`select ${mesh.schema}.${name}(${list}) as result`, values)).rows[0].result;
}
const settle = (...settlements: object[]) => call("worker_settle", JSON.stringify(settlements));

const done = { kind: "answer", status: "success", code: 200, data: "{}" };
const success: AnswerBody = { status: "success", code: 200, data: { by: "press" } };
const answer = (lease: Lease): Settlement => ({ lease, outcome: { kind: "answer", answer: success } });

test("F24 a role is handed no work of a stream that it was not given", async () => {
  await mesh.offer(theirs);
  const before = await messages();

  const claim = mesh.roles.press.claim(theirs);

  await expect(claim).rejects.toMatchObject({ cause: { code: "42501" } });
  await expect(mesh.roles.press.worker.store.depth(theirs)).rejects.toMatchObject({ cause: { code: "42501" } });
  expect(await messages()).toEqual(before);
});

test.each<[string, (lease: Lease) => { readonly key?: unknown; readonly token?: unknown }]>([
  ["no token", ({ key }) => ({ key })],
  ["null for a token", ({ key }) => ({ key, token: null })],
  ["a made-up token", ({ key }) => ({ key, token: `00000000-0000-0000-0000-000000000000 ${key}` })],
  ["a pattern for a token", ({ key }) => ({ key, token: "%" })],
  ["the token of another lease", ({ key }) => ({ key, token: other.token })],
  ["the token without its key", ({ token }) => ({ token })],
])("F24 with %s a role neither answers nor extends what it has claimed", async (_, forge) => {
  await mesh.offer(mine);
  const lease = await mesh.roles.press.claim(mine);
  await mesh.offer(mine);
  other = await mesh.roles.press.claim(mine);
  const before = await messages();
  const { key = null, token = null } = forge(lease);

  const settled = await settle({ ...done, key, token }, { kind: "hold", key, token });
  const extended = await call("worker_extend", [key], [token], 60_000);

  expect([settled.held, extended.held]).toEqual([[], []]);
  expect(await messages()).toEqual(before);
});
test("F24 with the token of another role's lease a role neither answers nor extends it", async () => {
  const { press, cellar } = mesh.roles;
  await mesh.offer(theirs);
  const lease = await cellar.claim(theirs);
  const before = await messages();
  const outcomes: Outcome[] = [
    answer(lease).outcome,
    { kind: "retry", delayMs: 0, failure: { message: "m", code: 500 } },
    { kind: "release", delayMs: 0 },
    { kind: "hold" },
  ];

  for (const outcome of outcomes)
    expect(await press.worker.stream.settle([{ lease, outcome }])).toEqual(["lease-lost"]);
  expect(await press.worker.stream.extend([lease.token], 60_000)).toEqual([]);

  expect(await messages()).toEqual(before);
  expect(await cellar.worker.stream.settle([answer(lease)])).toEqual(["settled"]);
});

test("F24 a lease that has ended by the server's time is neither answered nor extended", async () => {
  const { worker } = mesh.roles.press;
  await mesh.offer(mine);
  const lease = await claimed(worker, mine);
  await rows("update {{schema}}.message set lease_until = 1 where key = $1", [lease.key]);

  expect(await worker.stream.extend([lease.token], 60_000)).toEqual([]);
  expect(await worker.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
  expect(await worker.stream.settle([answer(await claimed(worker, mine))])).toEqual(["settled"]);
});

test("a lease is extended with its token, for a day at most, and so is a claim", async () => {
  const { worker } = mesh.roles.press;
  await mesh.offer(mine);
  const day = 86_400_000;

  const { leases } = await worker.stream.claim({ topic: mine, limit: 9, leaseMs: 1e12, holder: "w" });
  const [lease] = leases;
  const claimedFor = (lease?.until ?? Infinity) - Date.now();
  const tokens = [lease?.token ?? leaseToken(""), leaseToken("made up")];

  expect(await worker.stream.extend(tokens, 1e12)).toEqual(tokens.slice(0, 1));
  const [row] = await rows("select lease_until from {{schema}}.message");
  for (const span of [claimedFor, Number(row.lease_until) - Date.now()]) {
    expect(span).toBeGreaterThan(day - 60_000);
    expect(span).toBeLessThanOrEqual(day + 1_000);
  }
  expect((await call("worker_claim", mine, -1, -1, "w")).leases).toEqual([]);
});

test.each<[string, object]>([
  ["of no kind", { kind: null }],
  ["of an unknown kind", { kind: "consume" }],
  ["with an unknown status", { status: "done" }],
  ["with more than a status", { status: 'success","code":1,"x":"' }],
  ["without a status", { status: null }],
  ["with a fractional code", { code: 200.5 }],
  ["with a code that is no number", { code: "NaN" }],
  ["with an infinite code", { code: "Infinity" }],
  ["with a code that JavaScript takes for infinite", { code: `1${"0".repeat(400)}` }],
  ["without a code", { code: null }],
  ["without data", { data: null }],
  ["with data that are no object", { data: "[1]" }],
  ["with data that are no JSON", { data: "{" }],
  ["with more than data", { data: '{},"code":1' }],
  ["with an error that is no object", { error: "1" }],
  ["with a delay that is no number", { kind: "retry", delay: "soon" }],
])("F24 a settlement %s is refused, and the others of its call too", async (_, forged) => {
  await mesh.offer(mine);
  const lease = await mesh.roles.press.claim(mine);
  await mesh.offer(mine);
  const good = await mesh.roles.press.claim(mine);
  const before = await messages();

  const given = [
    { ...done, key: good.key, token: good.token },
    { ...done, ...forged, key: lease.key, token: lease.token },
  ];
  await expect(settle(...given)).rejects.toMatchObject({ code: expect.stringMatching(/^22/) });

  expect(await messages()).toEqual(before);
});

test("F24 what a role says besides its answer is not stored", async () => {
  const key = await mesh.offer(mine);
  const lease = await mesh.roles.press.claim(mine);
  const said = {
    next_key: "mine",
    topic: theirs,
    job_id: "victim",
    body: '{"status":"error"}',
    attempt: 9,
    delay: 9e9,
  };

  const { held } = await settle({ ...done, ...said, key, token: lease.token }, { ...done, key, token: lease.token });

  expect(held).toEqual([key]);
  expect(await messages()).toMatchObject([
    {
      key: keyAfter(key, "answer"),
      topic: null,
      kind: "complete",
      job_id: null,
      attempt: 0,
      request: key,
      body: { status: "success", code: 200, data: {} },
    },
  ]);
});

test.each([
  [-1e15, 0],
  [9e18, 31_536_000_000],
])("a delay of %d ms becomes one of %d", async (delay, expected) => {
  const key = await mesh.offer(mine);
  const { token } = await mesh.roles.press.claim(mine);

  await settle({ kind: "retry", key, token, delay });

  const [row] = await rows("select scheduled_at - created_at as delay from {{schema}}.message");
  expect(Number(row.delay)).toBe(expected);
});

/** What there is, with other names for the request and what follows, and no instants. */
async function storedOf({ key, token }: Lease): Promise<unknown> {
  const [[found], [failed]] = [
    await rows("select json_agg(m order by m.kind) as all from {{schema}}.message as m"),
    await rows("select json_agg(f order by f.key) as all from {{schema}}.failed_attempt as f"),
  ];
  const text = JSON.stringify([found.all, failed.all])
    .replaceAll(key, "K")
    .replaceAll(keyAfter(key, "answer"), "K answered")
    .replaceAll(keyAfter(key, "retry", 1), "K again")
    .replaceAll(token, "T")
    .replace(/"topic":"[^"]*"/g, '"topic":"S"');
  return JSON.parse(text, (name, value) => {
    if (/^id$|_at$|_until$/.test(name)) return value === null ? null : "at";
    return value;
  });
}

const failure = { message: 'no "clay"\u0000', code: 503, stack: "at\nhome" };
const odd = {
  "k\u0000": ["\u0000", "\ud800", "\\u0000", '"', "{}"],
  $hotmesh: "codec",
  n: -0.5e-7,
  deep: { a: [null] },
};

test.each<[string, Outcome]>([
  ["an answer", { kind: "answer", answer: success }],
  ["an answer with \\u0000 in its data", { kind: "answer", answer: { ...success, data: odd } }],
  ["a pending answer", { kind: "answer", answer: { ...success, status: "pending", code: 202 } }],
  ["an error", { kind: "answer", answer: { status: "error", code: 500, data: { message: "\u0000", code: 500 } } }],
  ["a negative code", { kind: "answer", answer: { ...success, code: -7 } }],
  ["a huge code", { kind: "answer", answer: { ...success, code: Number.MAX_SAFE_INTEGER } }],
  ["a dead letter", { kind: "answer", answer: { status: "error", code: 999, data: {} }, deadLetter: true }],
  ["a retry", { kind: "retry", delayMs: 5_000, failure }],
  ["a release", { kind: "release", delayMs: 0 }],
  ["a hold", { kind: "hold" }],
])("%s of a role comes to what it comes to of any worker", async (_, outcome) => {
  const { press } = mesh.roles;
  const open = mesh.app.backend;
  const came: unknown[][] = [];
  for (const [stream, topic] of [[open.stream, plain] as const, [press.worker.stream, mine] as const]) {
    await mesh.offer(topic, { workflow: "w", trace: "t" });
    const { leases } = await stream.claim({ topic, limit: 9, leaseMs: 30_000, holder: "w" });
    const settled = await stream.settle(leases.map((lease) => ({ lease, outcome })));
    came.push([settled, ...(await Promise.all(leases.map((lease) => storedOf(lease))))]);
    for (const table of ["message", "failed_attempt"]) await rows(`delete from {{schema}}.${table}`);
  }

  expect(came[0]?.[0]).toEqual(["settled"]);
  expect(came[1]).toEqual(came[0]);
});

test.each([-1, Number.MAX_SAFE_INTEGER, 1e300])(
  "F24 a forged code of %d harms nobody: the job ends with it",
  async (code) => {
    const { store } = mesh.app.backend;
    await one.activate(mesh.app.backend);
    const id = `job of ${code}`;
    await store.step({ limit: 1, events: [one.start(id, instant(Date.now()))] }, one.program);
    const { key, token } = await mesh.roles.press.claim(one.topic);

    await settle({ ...done, key, token, code, data: '{"fired":true}' });
    await store.step({ limit: 9 }, one.program);

    const [job] = await rows("select status from {{schema}}.jobs where id = $1", [id]);
    expect(job).toEqual({ status: "0" });
    expect(await messages()).toEqual([]);
    expect(
      await rows("select activity_id, state from {{schema}}.activities where job_id = $1 order by 1", [id]),
    ).toEqual(["k1", "t1"].map((activity_id) => ({ activity_id, state: "completed" })));
  },
);
