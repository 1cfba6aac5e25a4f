import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { HotMesh, type JobOutput, type JobState, type StreamData, StreamStatus } from "../index.js";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const document = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: parcel.booked
      publishes: parcel.done
      activities:
        booked: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        label:
          type: worker
          topic: label.print
          input: { maps: { weight: '{booked.output.data.weight}' } }
          job: { maps: { sheet: '{$self.output.data.sheet}' } }
      transitions: { booked: [ { to: label } ] }
    - subscribes: parcel.weighed
      activities:
        scale:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          job: { maps: { grams: '{$self.input.data.weight}' } }
    - subscribes: parcel.approved
      activities:
        asked: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        approval: { type: hook, job: { maps: { by: '{$self.hook.data.by}' } } }
      transitions: { asked: [ { to: approval } ] }
      hooks:
        approve:
          - to: approval
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: order.placed
      activities:
        placed: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        parcel:
          type: await
          topic: parcel.approved
          input: { maps: { id: '{placed.output.data.parcel}' } }
          job: { maps: { by: '{$self.output.data.by}' } }
      transitions: { placed: [ { to: parcel } ] }
`;

let app: SeedApp;
let van: Elsewhere;
/** What the worker here does with each request, and the requests it had. */
let work: (message: StreamData) => Promise<StreamData | undefined>;
const requests: StreamData[] = [];

beforeAll(async () => {
  const callback = async (message: StreamData) => {
    requests.push(message);
    return work(message);
  };
  app = await SeedApp.open("seedrun", [{ topic: "label.print", connection: connection(), callback }]);
  await app.activate(document(app.appId));
  van = await app.join("van-17", []);
});

beforeEach(() => {
  requests.length = 0;
  work = async ({ metadata, data }) => ({
    ...{ code: 200, status: StreamStatus.SUCCESS, metadata },
    data: { sheet: `${data["weight"]} g` },
  });
});

afterAll(() => app.close());

/** A gate that a worker waits at. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("S47 pub publishes a message to a workflow topic, which starts a new job", async () => {
  expect(await app.rows("jobs")).toEqual([]);

  await app.desk.pub("parcel.weighed", { id: "P47", weight: 3 });
  await app.desk.pub("parcel.weighed", { id: "P47b", weight: 4 });

  const jobs = (await app.rows("jobs")).map(({ id, topic, context }) => ({ id, topic, context }));
  expect(jobs).toHaveLength(2);
  expect(jobs).toEqual(
    expect.arrayContaining([
      { id: "P47", topic: "parcel.weighed", context: { grams: 3 } },
      { id: "P47b", topic: "parcel.weighed", context: { grams: 4 } },
    ]),
  );
  await expect(app.desk.pub("parcel.lost", {})).rejects.toMatchObject({ kind: "topic-not-found" });
});

test("S48 pub gives the job's id at once, and takes a context and extras when they are given", async () => {
  const { open, opened } = gate();
  work = async () => {
    await opened;
    return undefined;
  };
  const context: JobState = { metadata: { trc: "0af7651916cd43dd8448eb211c80319c", spn: "b7ad6b7169203331" } };

  const plain = await app.desk.pub("parcel.booked", { id: "P48", weight: 1 });
  const rich = await app.desk.pub("parcel.booked", { id: "P48r" }, context, { search: { city: "Rome" } });
  const drawn = await app.desk.pub("parcel.booked", {});

  expect([plain, rich]).toEqual(["P48", "P48r"]);
  expect(drawn).toMatch(/^H[\w-]{22}$/);
  for (const id of [plain, rich, drawn]) expect(await app.desk.getStatus(id)).toBe(1);
  expect((await app.desk.getState("", rich)).metadata).toMatchObject({ trc: "0af7651916cd43dd8448eb211c80319c" });
  expect(await app.desk.getQueryState(rich, ["city"])).toEqual({ city: "Rome" });
  open();
  for (const id of [plain, rich, drawn]) await app.desk.interrupt("parcel.booked", id);
});

test("S49 pubsub blocks until the workflow has completed", async () => {
  const { open, opened } = gate();
  const events: string[] = [];
  work = async ({ metadata }) => {
    await opened;
    events.push("worked");
    return { metadata, data: {} };
  };

  const output = app.desk.pubsub("parcel.booked", { id: "P49" }).finally(() => events.push("resolved"));
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  expect(await app.desk.getStatus("P49")).toBe(1);
  expect(events).toEqual([]);
  open();
  await output;

  expect(events).toEqual(["worked", "resolved"]);
  expect(await app.desk.getStatus("P49")).toBe(0);
});

test("S50 pubsub resolves with the final output of the job", async () => {
  const output = await app.desk.pubsub("parcel.booked", { id: "P50", weight: 250 });

  expect(output).toEqual(await app.desk.getState("parcel.booked", "P50"));
  expect(output.data).toEqual({ sheet: "250 g" });
  expect(output.metadata).toMatchObject({ jid: "P50", js: 0, state: "completed" });
});

test("S51 pubsub listens before it publishes, with publishes or without, and not when it has its result", async () => {
  app.heard.length = 0;
  // These jobs are over before their start is reported: who listened afterwards would wait for its timeout.
  const weights = Array.from({ length: 40 }, (_, index) => index);
  const outputs = await Promise.all(
    weights.map((weight) => van.call("pubsub", "parcel.weighed", { id: `P51/${weight}`, weight }, null, 5_000)),
  );
  const [first] = await Promise.all([app.desk.pubsub("parcel.booked", { id: "P51", weight: 1 })]);

  expect(outputs.map((output) => (output as JobOutput).data)).toEqual(weights.map((grams) => ({ grams })));
  expect(first?.data).toEqual({ sheet: "1 g" });
  // The mesh hears of a job that somebody waits for, though its graph publishes nothing.
  const told = (): readonly string[] => messagesOf(app.heard, "job").map(({ job }) => String(job.metadata["jid"]));
  await vi.waitFor(() => expect(told()).toEqual(expect.arrayContaining(weights.map((weight) => `P51/${weight}`))));
  await van.call("pub", "parcel.weighed", { id: "P51/alone", weight: 1 });
  await van.call("pubsub", "parcel.weighed", { id: "P51/last", weight: 1 });
  await vi.waitFor(() => expect(told()).toContain("P51/last"));
  expect(told()).not.toContain("P51/alone");
});

/** The address of an open pass, as its worker receives it. */
async function addressOf(jid: string, aid: string): Promise<StreamData["metadata"]> {
  const { metadata } = await app.desk.getState("", jid);
  const [pass] = await app.sql(
    `select dad, state from "${app.appId}".activities where job_id = $1 and activity_id = $2`,
    [jid, aid],
  );
  expect(pass).toMatchObject({ state: "open" });
  return { guid: HotMesh.guid(), jid, aid, gid: String(metadata["gid"]), dad: String(pass?.["dad"]) };
}

test("S52 add resumes leg 2 of a worker activity, of a hook, and of an await that are paused", async () => {
  work = async () => undefined;
  await app.desk.pub("parcel.booked", { id: "P52w" });
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  await app.desk.pub("parcel.approved", { id: "P52h" });
  await app.desk.pub("order.placed", { id: "P52a", parcel: "P52c" });
  await vi.waitFor(async () => expect(await app.desk.getStatus("P52c")).toBe(1));
  for (const id of ["P52w", "P52h", "P52a"]) expect(await app.desk.getStatus(id)).toBe(1);

  await app.desk.add({ metadata: await addressOf("P52w", "label"), data: { sheet: "by hand" } });
  await app.desk.add({ metadata: await addressOf("P52h", "approval"), data: { by: "Ada" } });
  await app.desk.add({ metadata: await addressOf("P52a", "parcel"), data: { by: "Bea" } });

  const ended = async (id: string) => {
    const { metadata, data } = await app.desk.getState("", id);
    return [metadata["state"], data];
  };
  await vi.waitFor(async () => {
    expect(await ended("P52w")).toEqual(["completed", { sheet: "by hand" }]);
    expect(await ended("P52h")).toEqual(["completed", { by: "Ada" }]);
    expect(await ended("P52a")).toEqual(["completed", { by: "Bea" }]);
  });
});

test("S53 add is what an activity of one's own needs: interim data and an end, each counted once", async () => {
  // The worker only hands the work to something outside of the mesh, which answers when it likes.
  const outside: StreamData[] = [];
  work = async (message) => {
    outside.push(message);
    return { code: 202, status: StreamStatus.PENDING, metadata: message.metadata, data: { sheet: "queued" } };
  };
  await app.desk.pub("parcel.booked", { id: "P53", weight: 9 });
  await vi.waitFor(async () => expect((await app.desk.getState("", "P53")).data).toEqual({ sheet: "queued" }));
  const [received] = outside;
  expect(await app.desk.getStatus("P53")).toBe(1);

  const metadata = { ...(received?.metadata ?? { aid: "" }), guid: HotMesh.guid() };
  const halfway = { code: 202, status: StreamStatus.PENDING, metadata, data: { sheet: "half" } };
  const answer = { code: 200, status: StreamStatus.SUCCESS, data: { sheet: "whole" } };
  const ids = [await app.desk.add(halfway), await app.desk.add({ ...halfway, data: { sheet: "once more" } })];
  await vi.waitFor(async () => expect((await app.desk.getState("", "P53")).data).toEqual({ sheet: "half" }));
  await app.desk.add({ ...answer, metadata: { ...metadata, guid: HotMesh.guid() } });
  await vi.waitFor(async () => expect(await app.desk.getStatus("P53")).toBe(0));
  await app.desk.add({ ...answer, metadata: { ...metadata, guid: HotMesh.guid() }, data: { sheet: "late" } });

  expect(ids).toEqual([metadata.guid, metadata.guid]);
  expect((await app.desk.getState("", "P53")).data).toEqual({ sheet: "whole" });
  await expect(app.desk.add({ metadata: { guid: "x", aid: "label" }, data: {} })).rejects.toMatchObject({
    kind: "invalid-argument",
  });
});
