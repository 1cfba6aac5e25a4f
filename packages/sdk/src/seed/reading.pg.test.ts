import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SeedApp } from "../testing/seed-app.js";

const document = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: parcel.booked
      publishes: parcel.done
      activities:
        booked:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          job: { maps: { _weight: '{$self.input.data.weight}' } }
        label:
          type: hook
          job: { maps: { label: { copies: 2, urgent: true }, note: '' } }
        approval: { type: hook }
      transitions: { booked: [ { to: label }, { to: approval } ] }
      hooks:
        parcel.approved:
          - to: approval
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`;

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedread");
  await app.activate(document(app.appId));
  const search = { city: "Rome", street: "Via Appia" };
  await app.desk.pub("parcel.booked", { id: "P1", weight: 300 }, undefined, { search, marker: { "-lot": "L7" } });
  await app.desk.pub("parcel.booked", { id: "P2", weight: 5 }, undefined, { search: { city: "Oslo" } });
});

afterAll(() => app.close());

test("S62 getQueryState returns searchable fields of the job that is named, by their names", async () => {
  expect(await app.desk.getQueryState("P1", ["city", "weight"])).toEqual({ city: "Rome", weight: "300" });
  expect(await app.desk.getQueryState("P2", ["city", "weight"])).toEqual({ city: "Oslo", weight: "5" });
});

test("S63 getQueryState reads the fields that the caller names, and no other", async () => {
  expect(await app.desk.getQueryState("P1", ["street"])).toEqual({ street: "Via Appia" });
  expect(await app.desk.getQueryState("P1", ["street", "colour"])).toEqual({ street: "Via Appia", colour: null });
  expect(await app.desk.getQueryState("P1", [])).toEqual({});
});

test('S64 ":" reads the status, which changes with the job', async () => {
  const { desk } = app;
  await desk.pub("parcel.booked", { id: "P3", weight: 1 });

  expect(await desk.getQueryState("P3", [":"])).toEqual({ ":": "1" });
  await desk.signal("parcel.approved", { id: "P3" });

  await vi.waitFor(async () =>
    expect(await desk.getQueryState("P3", [":", "weight"])).toEqual({ ":": "0", weight: "1" }),
  );
});

test("S65 getRaw returns every key and value that is stored of a job, as it is stored", async () => {
  const stored = await app.sql(
    `select a.symbol || a.dimension as key, a.value from "${app.appId}".jobs_attributes a
       join "${app.appId}".jobs j on j.id = a.job_id where j.key like '%P1'`,
  );

  const raw = await app.desk.getRaw("P1");

  expect(raw).toEqual(Object.fromEntries(stored.map(({ key, value }) => [key, value])));
  expect(Object.keys(raw).length).toBeGreaterThan(12);
  expect(Object.values(raw).every((value) => typeof value === "string")).toBe(true);
});

test("S66 getRaw includes fields of the engine beside the data of the user", async () => {
  const raw = await app.desk.getRaw("P1");

  expect(raw).toMatchObject({ _city: "Rome", _street: "Via Appia", _weight: "300", "-lot": "L7" });
  expect(raw).toMatchObject({ "data/label/copies": "/d2", "data/label/urgent": "/t", "data/_weight": "/d300" });
  expect(raw).toMatchObject({ ":": "1", "metadata/jid": "P1", "metadata/tpc": "parcel.booked", "metadata/vrs": "1" });
  expect(Object.keys(raw)).toEqual(
    expect.arrayContaining(["metadata/gid", "metadata/jc", "booked/output/data/weight,0"]),
  );
});

test("S67 getState gives in order, with the types they had, what getRaw gives as texts", async () => {
  const state = await app.desk.getState("parcel.booked", "P1");

  expect(state.data).toEqual({ label: { copies: 2, urgent: true }, note: "", _weight: 300 });
  expect(state.metadata).toMatchObject({
    jid: "P1",
    app: app.appId,
    vrs: "1",
    tpc: "parcel.booked",
    aid: "booked",
    js: 1,
    state: "running",
  });
});
