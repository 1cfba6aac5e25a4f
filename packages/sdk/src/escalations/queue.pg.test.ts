import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type EscalationEntry, Escalations, type EscalationsClient, type SystemEvent } from "../index.js";

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
let apps = 0;
let app = "";
let people: EscalationsClient;
let sql: Client;
let events: SystemEvent[];
const schemas: string[] = [];

beforeAll(async () => {
  sql = new Client(connection().options);
  await sql.connect();
});

beforeEach(() => {
  apps += 1;
  app = `queue-${process.pid}-${apps}`;
  schemas.push(app);
  events = [];
  people = new Escalations.Client({
    connection: connection(),
    events: { publish: (event) => void events.push(event) },
  });
});

afterEach(() => sql.query("delete from public.hmsh_escalations where app_id = $1", [app]));

afterAll(async () => {
  await Escalations.shutdown();
  for (const schema of schemas) await sql.query(`drop schema if exists "${schema}" cascade`);
  await sql.end();
});

function task(more: object = {}): Promise<EscalationEntry> {
  return people.create({ namespace: app, role: "clerk", ...more });
}

/** Moves an instant of an item into the past. */
async function ago(id: string, column: string, interval: string): Promise<void> {
  await sql.query(`update public.hmsh_escalations set ${column} = now() - $2::interval where id = $1`, [id, interval]);
}

const reasonOf = (result: { ok: boolean; reason?: string }) => (result.ok ? "ok" : result.reason);

describe("claims", () => {
  test("a claim keeps others out until it lapses, and its owner extends it", async () => {
    const { id } = await task();

    const first = await people.claim({ id, assignee: "ann", durationMinutes: 5 });
    const others = [await people.claim({ id, assignee: "bob" }), await people.claim({ id })];
    const again = await people.claim({ id, assignee: "ann", durationMinutes: 60 });

    expect(first).toMatchObject({ ok: true, isExtension: false, entry: { assigned_to: "ann", available: false } });
    expect(others).toEqual(Array(2).fill({ ok: false, reason: "conflict" }));
    expect(again).toMatchObject({ ok: true, isExtension: true, entry: { status: "pending" } });
    if (!first.ok || !again.ok) throw new Error("refused");
    expect(again.entry.claimed_at).toEqual(first.entry.claimed_at);
    await ago(id, "assigned_until", "1 second");
    expect(await people.get(id)).toMatchObject({ available: true });
    expect(await people.claim({ id, assignee: "bob" })).toMatchObject({ ok: true, isExtension: false });
    expect(await people.claim({ id: "none" })).toEqual({ ok: false, reason: "not-found" });
  });

  test("concurrent claims by metadata get different items, the most urgent and oldest first", async () => {
    const [late, early, urgent] = [
      await task({ metadata: { lane: "x" } }),
      await task({ metadata: { lane: "x" } }),
      await task({ metadata: { lane: "x" }, priority: 1 }),
    ];
    await ago(early.id, "created_at", "1 hour");
    const params = { namespace: app, key: "lane", value: "x", metadata: { seen: true } };

    const first = await people.claimByMetadata({ ...params, assignee: "a" });
    const second = await people.claimByMetadata({ ...params, assignee: "b", roles: ["clerk"] });
    const rest = await Promise.all(["c", "d"].map((assignee) => people.claimByMetadata({ ...params, assignee })));

    expect(first).toMatchObject({
      entry: { id: urgent.id, metadata: { lane: "x", seen: true } },
      candidatesExist: 3,
      isExtension: false,
    });
    expect(second).toMatchObject({ entry: { id: early.id } });
    expect(rest.filter(({ ok }) => ok)).toMatchObject([{ entry: { id: late.id } }]);
    expect(rest.filter(({ ok }) => !ok)).toEqual([{ ok: false, reason: "conflict", candidatesExist: 3 }]);
    expect(await people.claimByMetadata({ ...params, value: "y" })).toEqual({
      ok: false,
      reason: "not-found",
      candidatesExist: 0,
    });
  });

  test("only who has an item gives it back", async () => {
    const { id } = await task();
    await people.claim({ id, assignee: "ann" });

    expect(await people.release({ id, assignee: "bob" })).toEqual({ ok: false, reason: "wrong-assignee" });
    expect(await people.release({ id, assignee: "ann" })).toMatchObject({ ok: true, entry: { assigned_to: null } });
    expect(await people.release({ id: "none" })).toEqual({ ok: false, reason: "not-found" });
  });

  test("assertClaim refuses while another claim is live, and when one's own has lapsed, and never else", async () => {
    const make = async (assignee: string | null, isLapsed: boolean) => {
      const { id } = await task();
      if (assignee !== null) await people.claim({ id, assignee });
      if (isLapsed) await ago(id, "assigned_until", "1 second");
      return id;
    };
    const open = await task({ assignedTo: "ann" });
    const other = await make("bob", false);
    const asserted = (id: string) => people.resolve({ id, metadata: { done: true }, assertClaim: "ann" });

    expect([
      reasonOf(await asserted(await make(null, false))),
      reasonOf(await asserted(await make("ann", false))),
      reasonOf(await asserted(other)),
      reasonOf(await asserted(await make("ann", true))),
      reasonOf(await asserted(await make("bob", true))),
      reasonOf(await asserted(open.id)),
      reasonOf(await people.resolve({ id: await make("bob", false) })),
    ]).toEqual(["ok", "ok", "claimed-by-other", "claim-expired", "ok", "ok", "ok"]);
    expect((await people.get(other))?.metadata).toBeNull();
  });

  test("what is handed to another role is free for it", async () => {
    const [one, two] = [await task(), await task()];
    await people.claim({ id: one.id, assignee: "ann" });

    expect(await people.escalateToRole({ id: one.id, targetRole: "boss" })).toMatchObject({
      role: "boss",
      assigned_to: null,
      available: true,
    });
    await people.cancel(two.id);
    expect(await people.escalateToRole({ id: two.id, targetRole: "boss" })).toBeNull();
    expect(await people.escalateManyToRole({ ids: [one.id, two.id, "x"], targetRole: "chief" })).toBe(1);
    expect(await people.updateManyPriority({ ids: [one.id, two.id], priority: 1 })).toBe(1);
    expect(await people.claimMany({ ids: [one.id, two.id, "x"], assignee: "cid" })).toEqual({ claimed: 1, skipped: 2 });
  });
});

describe("reads", () => {
  test("an app whose schema is not there yet is created with its first task", async () => {
    const entry = await task({ type: "t\u0000", metadata: { "n\u0000": ["\ud800"] }, envelope: { raw: "\u0000" } });

    const read = await people.get(entry.id, app);

    expect(read).toEqual(entry);
    expect(entry).toMatchObject({
      namespace: app,
      app_id: app,
      type: "t\u0000",
      metadata: { "n\u0000": ["\ud800"] },
      envelope: { raw: "\u0000" },
      status: "pending",
      priority: 5,
      signal_key: null,
      milestones: [],
      available: true,
    });
    expect(await people.get(entry.id, `other.${app}`)).toBeNull();
    await expect(people.create({ namespace: "a.b.c" })).rejects.toMatchObject({ kind: "invalid-argument" });
  });

  test("every filter finds what it names, in the order that is asked for", async () => {
    const [a, b, c] = [
      await task({ type: "x", subtype: "s", entity: "e", workflowId: "w", originId: "o", taskId: "t", priority: 3 }),
      await task({ role: "boss", metadata: { deep: { n: 1 } } }),
      await task({ type: "y", priority: 3 }),
    ];
    await people.claim({ id: c.id, assignee: "ann" });
    const found = async (filter: object) => (await people.list({ namespace: app, ...filter })).map(({ id }) => id);

    expect(await found({})).toEqual([c.id, a.id, b.id]);
    for (const one of [{ type: "x" }, { subtype: "s" }, { entity: "e" }, { workflowId: "w" }, { originId: "o" }]) {
      expect(await found(one)).toEqual([a.id]);
    }
    expect(await found({ taskId: "t" })).toEqual([a.id]);
    expect(await found({ role: "boss" })).toEqual([b.id]);
    expect(await found({ role: "boss", roles: ["clerk"] })).toEqual([c.id, a.id]);
    expect(await found({ roles: [] })).toEqual([]);
    expect(await found({ assignedTo: "ann", available: false, priority: 3, status: "pending" })).toEqual([c.id]);
    expect(await found({ available: true })).toEqual([a.id, b.id]);
    expect(await found({ metadata: { deep: { n: 1 } } })).toEqual([b.id]);
    expect(await found({ ids: [b.id, "nothing"] })).toEqual([b.id]);
    expect(await found({ sortBy: "created_at" })).toEqual([a.id, b.id, c.id]);
    expect(await found({ orderBy: [{ field: "role" }, { field: "type", order: "desc" }] })).toEqual([b.id, c.id, a.id]);
    expect(await found({ limit: 1, offset: 1 })).toEqual([a.id]);
    expect(await people.count({ namespace: app, roles: ["clerk"] })).toBe(2);
    expect(await people.listDistinctTypes(app)).toEqual(["x", "y"]);
  });

  test("an update merges metadata and replaces the rest, and milestones are added with their time", async () => {
    const { id } = await task({ metadata: { a: 1, b: 1 }, envelope: { old: true } });

    const updated = await people.update({ id, metadata: { b: 2 }, envelope: { fresh: true }, description: "d" });
    const marked = await people.appendMilestones({ id, milestones: [{ step: 1 }, { step: 2, created_at: "then" }] });

    expect(updated).toMatchObject({
      metadata: { a: 1, b: 2 },
      envelope: { fresh: true },
      description: "d",
      role: "clerk",
    });
    expect(marked?.milestones).toEqual([
      { step: 1, created_at: expect.any(String) },
      { step: 2, created_at: "then" },
    ]);
    expect(await people.update({ id: "none", description: "x" })).toBeNull();
  });

  test("stats count by role and type, with live claims, and only the roles that are asked for", async () => {
    const [a, , c] = [await task({ type: "x" }), await task({ type: "x" }), await task({ role: "boss" })];
    await people.claim({ id: a.id, assignee: "ann" });
    await people.resolve({ id: c.id });
    const old = await task({ role: "boss" });
    await ago(old.id, "created_at", "2 days");

    const boss = { pending: 1, claimed: 0, created: 1, resolved: 1 };
    const clerk = { pending: 2, claimed: 1, created: 2, resolved: 0 };
    expect(await people.stats({ namespace: app })).toEqual({
      pending: 3,
      claimed: 1,
      created: 3,
      resolved: 1,
      by_role: [
        { role: "boss", ...boss },
        { role: "clerk", ...clerk },
      ],
      by_type: [
        { type: "x", ...clerk },
        { type: null, ...boss },
      ],
    });
    expect(await people.stats({ namespace: app, roles: [] })).toEqual({
      pending: 0,
      claimed: 0,
      created: 0,
      resolved: 0,
      by_role: [],
      by_type: [],
    });
  });
});

describe("upkeep", () => {
  test("an item is taken over with its whole life, once", async () => {
    const id = "0198c1f0-0000-7000-8000-000000000001";
    const createdAt = new Date("2026-01-01T00:00:00Z");
    const life = {
      id,
      namespace: app,
      status: "resolved",
      createdAt,
      resolvedAt: createdAt,
      resolverPayload: 1,
    } as const;
    await sql.query("delete from public.hmsh_escalations where id = $1", [id]);

    const first = await people.migrate(life);

    expect(first).toMatchObject({ id, status: "resolved", created_at: createdAt, resolver_payload: 1 });
    expect(await people.migrate(life)).toBeNull();
    expect(await people.releaseExpired()).toBe(0);
  });

  test("pruning deletes what has been over for long, in portions, and never what is pending", async () => {
    const over = await Promise.all(Array.from({ length: 18 }, () => task()));
    const [fresh, waiting] = [await task(), await task()];
    for (const { id } of over) await people.resolve({ id });
    await people.cancel(fresh.id);
    await sql.query("update public.hmsh_escalations set resolved_at = now() - interval '9 days' where id = any($1)", [
      over.map(({ id }) => id),
    ]);
    await ago(waiting.id, "updated_at", "1 year");
    const prune = async (more: object = {}) =>
      (await people.prune({ olderThan: "8 days", namespace: app, limit: 7, ...more })).deleted;

    expect(await prune({ statuses: ["pending", "cancelled"] })).toBe(0);
    expect([await prune(), await prune(), await prune(), await prune()]).toEqual([7, 7, 4, 0]);
    expect(await people.count({ namespace: app })).toBe(2);
    await expect(people.prune({ olderThan: "whenever" })).rejects.toMatchObject({ kind: "invalid-argument" });
  });
});

test("one event tells of each change, and none of what was refused", async () => {
  const { id } = await task({ workflowId: "w" });
  await people.claim({ id, assignee: "ann" });
  await people.claim({ id, assignee: "bob" });
  await people.release({ id, assignee: "ann" });
  await people.claim({ id, assignee: "ann" });
  await people.update({ id, description: "x" });
  await people.appendMilestones({ id, milestones: [{ n: 1 }] });
  await people.escalateToRole({ id, targetRole: "boss" });
  await people.resolve({ id });
  await people.resolve({ id });
  const second = await task();
  await people.cancel(second.id);
  const bulk = [await task(), await task()].map((one) => one.id);
  await people.claimMany({ ids: bulk, assignee: "cid" });
  await people.resolveMany({ ids: bulk });

  const verbs = events.map(({ type }) => type.split(".").at(-1));
  const first = "created claimed released claimed reassigned resolved created cancelled";
  const bulkVerbs = "created created claimed claimed resolved resolved";
  expect(verbs).toEqual(`${first} ${bulkVerbs}`.split(" "));
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  expect(events[5]).toMatchObject({
    event_id: expect.stringMatching(new RegExp(`^${id}:resolved:`)),
    type: `system.escalation.${id}.resolved`,
    namespace: app,
    app_id: app,
    workflow_id: "w",
    data: { id, role: "boss", status: "resolved" },
  });
});

test("a listener that throws or rejects disturbs nobody", async () => {
  const publish = [
    () => {
      throw new Error("loud");
    },
    () => Promise.reject(new Error("late")),
  ];

  for (const one of publish) {
    const client = new Escalations.Client({ connection: connection(), events: { publish: one } });
    expect(await client.create({ namespace: app })).toMatchObject({ status: "pending" });
  }
});
