import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { StreamStatus } from "../index.js";
import { SeedApp } from "../testing/seed-app.js";

const document = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: loan.asked
      activities:
        asked: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        bank: { type: hook, job: { maps: { bank: '{$self.hook.data.says}' } } }
        broker: { type: hook, job: { maps: { broker: '{$self.hook.data.says}' } } }
        thanks: { type: hook, job: { maps: { thanks: true } } }
      transitions: { asked: [ { to: bank }, { to: broker } ], bank: [ { to: thanks } ] }
      hooks:
        loan.answered:
          - to: bank
            conditions:
              match:
                - { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.loan}' }
          - to: broker
            conditions:
              match:
                - { expected: '{asked.output.data.broker}', actual: '{$self.hook.data.broker}' }
    - subscribes: tour.begun
      activities:
        begun: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        turn: { type: hook, cycle: true }
        stop: { type: hook, job: { maps: { last: '{$self.hook.data.stop}' } } }
        again: { type: cycle, ancestor: turn }
      transitions:
        begun: [ { to: turn } ]
        turn: [ { to: stop } ]
        stop: [ { to: again, conditions: { match: [ { expected: true, actual: '{$self.hook.data.more}' } ] } } ]
      hooks:
        tour.stopped:
          - to: stop
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.tour}' } ] }
    - subscribes: depot.opened
      activities:
        opened: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work: { type: worker, topic: nobody.works }
        nap: { type: hook, sleep: 3600 }
        wait: { type: hook }
      transitions: { opened: [ { to: work }, { to: nap }, { to: wait } ] }
      hooks:
        depot.closed:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`;

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedsignal");
  await app.activate(document(app.appId));
});

afterAll(() => app.close());

const dataOf = async (id: string) => (await app.desk.getState("", id)).data;
const waitsOf = (id: string) =>
  app.sql(`select activity_id as aid, dad, topic from "${app.appId}".hooks where job_id = $1 order by 1`, [id]);

test("S54 signal resumes a paused workflow; a status and a code may be given", async () => {
  await app.desk.pub("loan.asked", { id: "L54", broker: "B54" });
  await app.desk.pub("loan.asked", { id: "L54b", broker: "B54b" });

  const id = await app.desk.signal("loan.answered", { loan: "L54", says: "yes" });
  // Pending: the data is delivered and what follows runs, and the hook stays open.
  await app.desk.signal("loan.answered", { loan: "L54b", says: "soon" }, StreamStatus.PENDING, 202);

  expect(id).toMatch(/^H[\w-]{22}$/);
  await vi.waitFor(async () => {
    expect(await dataOf("L54")).toEqual({ bank: "yes", thanks: true });
    expect(await dataOf("L54b")).toMatchObject({ bank: "soon" });
  });
  expect((await waitsOf("L54")).map(({ aid }) => aid)).toEqual(["broker"]);
  expect((await waitsOf("L54b")).map(({ aid }) => aid)).toEqual(["bank", "broker"]);
  await app.desk.signal("loan.answered", { loan: "L54b", says: "yes" });
  await vi.waitFor(async () => expect(await dataOf("L54b")).toMatchObject({ bank: "yes" }));
});

test("S55 a signal on a topic that no hook rule of a graph names is an error", async () => {
  await expect(app.desk.signal("loan.forgotten", { loan: "L54" })).rejects.toMatchObject({ kind: "no-hook-rule" });
  await expect(app.desk.signal("loan.forgotten", { loan: "L54" })).rejects.toThrow(/loan\.forgotten.*loan\.answered/s);
  expect(await app.rows("signals")).toEqual([]);
});

test("S56 the match conditions of the rules find the job, the activity and the dimension", async () => {
  for (const number of [1, 2, 3]) await app.desk.pub("loan.asked", { id: `L56/${number}`, broker: `B56/${number}` });
  await app.desk.pub("tour.begun", { id: "T56" });
  expect((await waitsOf("L56/2")).map(({ aid, topic }) => `${aid} ${topic}`)).toEqual([
    "bank loan.answered",
    "broker loan.answered",
  ]);

  await app.desk.signal("loan.answered", { broker: "B56/2", says: "perhaps" });
  await app.desk.signal("loan.answered", { loan: "L56/3", says: "no" });
  await vi.waitFor(async () => {
    expect(await dataOf("L56/2")).toEqual({ broker: "perhaps" });
    expect(await dataOf("L56/3")).toEqual({ bank: "no", thanks: true });
  });
  expect(await dataOf("L56/1")).toBeUndefined();

  const places: unknown[] = [];
  for (const [turn, more] of [true, true, false].entries()) {
    await vi.waitFor(async () => {
      const [open] = await waitsOf("T56");
      expect(open).toBeDefined();
      expect(places).not.toContain(open?.["dad"]);
    });
    places.push((await waitsOf("T56"))[0]?.["dad"]);
    await app.desk.signal("tour.stopped", { tour: "T56", stop: `stop ${turn}`, more });
    await vi.waitFor(async () => expect(await dataOf("T56")).toEqual({ last: `stop ${turn}` }));
  }
  const passes = await app.sql(
    `select dad, state from "${app.appId}".activities
     where job_id = 'T56' and activity_id = 'stop' order by started_at`,
  );
  expect(passes).toEqual(places.map((dad) => ({ dad, state: "completed" })));
  expect(new Set(places).size).toBe(3);
});

test("S57 a signal brings outside data to a workflow that sleeps on a hook, also when it comes first", async () => {
  const payload = { loan: "L57", says: { approved: true, by: "Ada", notes: ["fast", "cheap"] } };

  await app.desk.signal("loan.answered", payload);
  expect((await app.rows("signals")).map(({ topic }) => topic)).toEqual(["loan.answered"]);
  await app.desk.pub("loan.asked", { id: "L57", broker: "B57" });

  await vi.waitFor(async () => expect(await dataOf("L57")).toEqual({ bank: payload.says, thanks: true }));
  await app.desk.signal("loan.answered", { broker: "B57", says: "" });
  await vi.waitFor(async () => expect(await dataOf("L57")).toEqual({ bank: payload.says, thanks: true, broker: "" }));
});

test("S59 interrupt terminates an active job", async () => {
  await app.desk.pub("depot.opened", { id: "D59" });
  const waiting = app.desk.pubsub("depot.opened", { id: "D59w" }).catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await app.desk.getStatus("D59w")).toBeGreaterThan(0));

  await app.desk.interrupt("depot.opened", "D59", { throw: false });
  await app.desk.interrupt("depot.opened", "D59w", { reason: "fire", code: 451 });

  expect((await app.desk.getState("", "D59")).metadata).toMatchObject({ state: "interrupted" });
  expect(await waiting).toMatchObject({ name: "JobFailedError", code: 451, message: "fire", job_id: "D59w" });
  await expect(app.desk.interrupt("depot.opened", "D59")).rejects.toThrow("Job D59 already completed");
});

test("S60 the status of an interrupted job is a number that marks abnormal termination", async () => {
  await app.desk.pub("depot.opened", { id: "D60" });
  const before = await app.desk.getStatus("D60");

  await app.desk.interrupt("depot.opened", "D60");

  const status = await app.desk.getStatus("D60");
  const { metadata } = await app.desk.getState("depot.opened", "D60");
  expect(before).toBe(3);
  expect(status).toBe(before - 1_000_000_000);
  expect(metadata).toMatchObject({ js: status, state: "interrupted" });
  expect(JSON.parse(String(metadata["err"]))).toMatchObject({ code: 410, message: "job [D60] interrupted" });
});

test("S61 the activities and timers of an interrupted job that wait are cancelled", async () => {
  await app.desk.pub("depot.opened", { id: "D61" });
  await app.desk.pub("depot.opened", { id: "D61b" });
  const left = async (id: string) => {
    const counts = ["worker_streams where jid", "engine_streams where jid", "hooks where job_id"].map(
      async (view) => (await app.sql(`select 1 from "${app.appId}".${view} = $1`, [id])).length,
    );
    return Promise.all(counts);
  };
  expect(await left("D61")).toEqual([1, 1, 1]);

  await app.desk.interrupt("depot.opened", "D61");

  expect(await left("D61")).toEqual([0, 0, 0]);
  expect(await left("D61b")).toEqual([1, 1, 1]);
  await app.desk.signal("depot.closed", { id: "D61" });
  await app.desk.signal("depot.closed", { id: "D61b" });
  await vi.waitFor(async () => expect(await app.desk.getStatus("D61b")).toBe(2));
  expect(await app.desk.getStatus("D61")).toBe(3 - 1_000_000_000);
});
