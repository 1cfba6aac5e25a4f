import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { type EscalationEntry, Escalations, type EscalationsClient, HotMesh, type SystemEvent } from "../index.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: ticket.open
      expire: 600
      activities:
        open: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        ask:
          type: hook
          sleep: '{open.output.data.patience}'
          escalation:
            role: '{open.output.data.role}'
            type: refund
            metadata: { ticket: '{open.output.data.id}' }
          job:
            maps:
              text: '{$self.hook.data.text}'
              cancelled: '{$self.hook.data.cancelled}'
              plain: '{$self.hook.data.data}'
      transitions:
        open: [ { to: ask } ]
      hooks:
        ticket.answered:
          - to: ask
            conditions:
              match: [ { expected: '{open.output.data.id}', actual: '{$self.hook.data.id}' } ]
    - subscribes: ticket.plain
      expire: 600
      activities:
        start: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        wait: { type: hook, job: { maps: { text: '{$self.hook.data.text}' } } }
      transitions:
        start: [ { to: wait } ]
      hooks:
        plain.answered:
          - to: wait
            conditions: { match: [ { expected: '{start.output.data.id}', actual: '{$self.hook.data.id}' } ] }
`;

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
let apps = 0;
let app = "";
let mesh: HotMesh;
let people: EscalationsClient;
let sql: Client;
let events: SystemEvent[];

beforeEach(async () => {
  apps += 1;
  app = `desk-${process.pid}-${apps}`;
  events = [];
  mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });
  await mesh.deploy(document(app));
  await mesh.activate("1", 1);
  people = new Escalations.Client({
    connection: connection(),
    events: { publish: (event) => void events.push(event) },
  });
  sql = new Client(connection().options);
  await sql.connect();
});

afterEach(async () => {
  await HotMesh.stop();
  await Escalations.shutdown();
  await sql.query("delete from public.hmsh_escalations where app_id = $1", [app]);
  await sql.query(`drop schema if exists "${app}" cascade`);
  await sql.end();
});

/** A job that waits, and its item. */
async function asked(id: string, more: object = {}): Promise<EscalationEntry> {
  await mesh.pub("ticket.open", { id, role: "clerk", ...more });
  return pending(id);
}

async function pending(key: string): Promise<EscalationEntry> {
  const entry = await people.getBySignalKey(key, app);
  if (entry === null) throw new Error(`no item of key ${key}`);
  return entry;
}

async function dataOf(id: string): Promise<unknown> {
  return vi.waitFor(async () => {
    const { metadata, data } = await mesh.getState("ticket.open", id);
    expect(metadata["state"]).toBe("completed");
    return data;
  }, 10_000);
}

function task(more: object = {}): Promise<EscalationEntry> {
  return people.create({ namespace: app, role: "clerk", ...more });
}

describe("closing", () => {
  test("resolve closes the item and wakes the job with its payload", async () => {
    const { id } = await asked("a");

    const result = await people.resolve({ id, resolverPayload: { text: "granted" }, metadata: { by: "ann" } });

    expect(result).toMatchObject({
      ok: true,
      entry: { status: "resolved", resolver_payload: { text: "granted" }, metadata: { ticket: "a", by: "ann" } },
    });
    expect(await dataOf("a")).toEqual({ text: "granted" });
    expect(await people.get(id)).toMatchObject({ status: "resolved", resolver_payload: { text: "granted" } });
    expect(await people.resolve({ id })).toEqual({ ok: false, reason: "already-resolved" });
  });

  test("cancel wakes the job and says so", async () => {
    const { id } = await asked("a");

    const result = await people.cancel(id, app);

    expect(result).toMatchObject({ ok: true, entry: { status: "cancelled" } });
    expect(await dataOf("a")).toEqual({ cancelled: true });
    expect(await people.cancel(id)).toEqual({ ok: false, reason: "already-terminal" });
    expect(await people.resolve({ id })).toEqual({ ok: false, reason: "already-cancelled" });
  });

  test("a payload that is no object arrives as data", async () => {
    const { id } = await asked("a");

    await people.resolve({ id, resolverPayload: ["x", 1] });

    expect(await dataOf("a")).toEqual({ plain: ["x", 1] });
  });

  test("a job wakes although no engine lived when its item was resolved", async () => {
    const { id } = await asked("a");
    await HotMesh.stop();

    await people.resolve({ id, resolverPayload: { text: "late" } });
    mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });

    expect(await dataOf("a")).toEqual({ text: "late" });
  });

  test("of concurrent resolvers one wins, and the others write nothing", async () => {
    const { id } = await asked("a");

    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        people.resolve({ id, resolverPayload: { text: `by ${n}` }, metadata: { [`by${n}`]: true } }),
      ),
    );

    const winner = results.findIndex(({ ok }) => ok) + 1;
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.filter(({ ok }) => !ok)).toEqual(Array(4).fill({ ok: false, reason: "already-resolved" }));
    expect(await dataOf("a")).toEqual({ text: `by ${winner}` });
    expect((await people.get(id))?.metadata).toEqual({ ticket: "a", [`by${winner}`]: true });
  });

  test("an item that a plain signal closed is resolved once more, with another payload, and wakes nobody", async () => {
    const { id } = await asked("a");
    await mesh.signal("ticket.answered", { id: "a", text: "signalled" });
    expect(await dataOf("a")).toEqual({ text: "signalled" });

    const results = [await people.resolve({ id, resolverPayload: "second" }), await people.resolve({ id })];

    expect(results).toMatchObject([
      { ok: true, entry: { status: "resolved", resolver_payload: "second" } },
      { ok: false, reason: "already-resolved" },
    ]);
    expect((await sql.query(`select * from "${app}".signals`)).rows).toEqual([]);
  });

  test("a signal that comes after a resolution is kept for the next wait", async () => {
    const { id } = await asked("a");
    await HotMesh.stop();
    await people.resolve({ id, resolverPayload: { text: "first" } });
    mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection(), readonly: true } });

    await mesh.signal("ticket.answered", { id: "a", text: "second" });

    expect((await sql.query(`select data from "${app}".signals`)).rows).toEqual([
      { data: { id: "a", text: "second" } },
    ]);
    await mesh.stop();
    mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });
    expect(await dataOf("a")).toEqual({ text: "first" });
  });

  test("a timer that is overdue but undecided comes after the resolution", async () => {
    const { id } = await asked("a", { patience: 1 });
    await mesh.stop();
    await sql.query(
      `update "${app}".message set visible_at = 1 + (select opened_at from "${app}".hook) where kind = 'wake'`,
    );

    const result = await people.resolve({ id, resolverPayload: { text: "in time" } });
    mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection: connection() } });

    expect(result.ok).toBe(true);
    expect(await dataOf("a")).toEqual({ text: "in time" });
  });

  test("a timer that won leaves the item expired", async () => {
    const { id } = await asked("a", { patience: 1 });
    await dataOf("a");

    expect(await people.resolve({ id })).toEqual({ ok: false, reason: "already-expired" });
  });

  test("all or none: every item gets its own payload, or nothing happens at all", async () => {
    const [a, b, c] = [await asked("a"), await asked("b"), await asked("c")];
    await people.cancel(c.id);

    const blocked = await people.resolveAllOrNone({
      items: [{ id: a.id }, { id: c.id }, { id: "7" }],
      metadata: { seen: true },
    });
    const done = await people.resolveAllOrNone({
      items: [
        { id: b.id, resolverPayload: { text: "bee" } },
        { id: a.id, resolverPayload: { text: "ay" } },
      ],
      metadata: { seen: true },
    });

    expect(blocked).toEqual({
      ok: false,
      failed: [
        { id: c.id, reason: "already-cancelled" },
        { id: "7", reason: "not-found" },
      ],
    });
    expect(done).toMatchObject({
      ok: true,
      entries: [
        { id: b.id, metadata: { ticket: "b", seen: true } },
        { id: a.id, metadata: { ticket: "a", seen: true } },
      ],
    });
    expect([await dataOf("a"), await dataOf("b")]).toEqual([{ text: "ay" }, { text: "bee" }]);
    expect(await people.resolveAllOrNone({ items: [] })).toEqual({ ok: true, entries: [] });
    await expect(people.resolveAllOrNone({ items: [{ id: a.id }, { id: a.id }] })).rejects.toThrow("duplicate");
  });

  test("of overlapping sets one wins, and who asserts an assignee is refused when it is another", async () => {
    const [a, b, c] = [await asked("a"), await asked("b"), await asked("c")];

    const sets = [
      [a, b],
      [b, c],
      [c, a],
    ].map((set) => people.resolveAllOrNone({ items: set.map(({ id }) => ({ id })) }));

    const results = await Promise.all(sets);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await people.count({ namespace: app, status: "resolved" })).toBe(2);
    const [left] = await people.list({ namespace: app, status: "pending" });
    const asserted = await people.resolveAllOrNone({ items: [{ id: left?.id ?? "" }], assertAssignee: "ann" });
    expect(asserted).toEqual({ ok: false, failed: [{ id: left?.id, reason: "assignee-mismatch" }] });
  });

  test("resolveMany leaves alone what somebody waits for", async () => {
    const waiting = await asked("a");
    const [one, keyed] = [await task(), await task({ signalKey: "k" })];

    const rows = await people.resolveMany({ ids: [waiting.id, one.id, keyed.id, "x"], resolverPayload: 7 });

    expect(rows).toMatchObject([{ id: one.id, status: "resolved", resolver_payload: 7 }]);
    expect(await people.count({ namespace: app, status: "pending" })).toBe(2);
  });

  test("an item made by hand with a topic and a key signals whoever waits there", async () => {
    await mesh.pub("ticket.plain", { id: "p" });
    const { id } = await task({ signalKey: "p", topic: "plain.answered" });

    await people.resolve({ id, resolverPayload: { text: "by hand" } });

    expect(await dataOf("p")).toEqual({ text: "by hand" });
  });

  test("a key that is pending is refused to another item, and free again when that is over", async () => {
    const { id } = await asked("a");

    await expect(task({ signalKey: "a" })).rejects.toMatchObject({ kind: "escalation-pending", code: 409 });

    await people.cancel(id);
    expect(await task({ signalKey: "a" })).toMatchObject({ signal_key: "a", status: "pending", workflow_id: null });
  });

  test("the item of an app that was dropped can still be closed", async () => {
    const { id } = await asked("a");
    await HotMesh.stop();
    await sql.query(`drop schema "${app}" cascade`);

    expect(await people.resolve({ id })).toMatchObject({ ok: true });
  });
});
