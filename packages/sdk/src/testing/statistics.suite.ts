import { expect, test, vi } from "vitest";
import type { HotMesh, QuorumMessage } from "../index.js";
import type { CatalogueHost, CatalogueMesh } from "./catalogue.suite.js";
import { harbor } from "./harbor-document.js";

/** Statistics as users read them, and signals to all jobs of an index. */
export function statisticsConformance(host: CatalogueHost): void {
  broadcastOfTheCatalogue(host);
  questions(host);
  signalsToAll(host);
}

function broadcastOfTheCatalogue(host: CatalogueHost): void {
  test(`16.14 a broadcast reaches all jobs in an index, and statistics tell of them, on ${host.name}`, async () => {
    const { mesh } = await moored(host);

    const announced = await mesh.pubsub("harbor.announce", { bay: "north", color: "red", tide: "high" });
    await vi.waitFor(async () => expect([await mesh.getStatus("Y1"), await mesh.getStatus("Y2")]).toEqual([0, 0]));

    expect(announced.data).toEqual({ announced: true });
    expect((await mesh.getState("buoy.moor", "Y1")).data).toEqual({ tide: "high", heard: "Y1" });
    expect((await mesh.getState("buoy.moor", "Y2")).data).toEqual({ tide: "high", heard: "Y2" });
    expect([await mesh.getStatus("Y3"), await mesh.getStatus("Y4")]).toEqual([1, 1]);
    expect(await mesh.getStats("buoy.moor", { data: { bay: "north" }, sparse: true })).toEqual({
      key: "north",
      granularity: "infinity",
      count: 3,
      measures: [
        { target: "color:blue", type: "count", value: 1 },
        { target: "color:red", type: "count", value: 2 },
      ],
    });
    expect(await mesh.getIds("buoy.moor", { data: { bay: "north" } }, ["color:red"])).toEqual({
      key: "north",
      facets: ["color:red"],
      granularity: "infinity",
      counts: [{ facet: "color:red", count: 2 }],
      segments: [
        { time: "0", measures: [{ type: "ids", target: "color:red", time: "0", count: 2, ids: ["Y1", "Y2"] }] },
      ],
    });
  });
}

function questions(host: CatalogueHost): void {
  test(`sums, means and medians are true, as a whole and by slice, on ${host.name}`, async () => {
    const { mesh } = await deployed(host);
    for (const [id, kg] of Object.entries({ C1: 1, C2: 2, C3: 9, C4: "x" })) await mesh.pub("crane.lift", { id, kg });

    const { count, measures, segments, ...options } = await mesh.getStats("crane.lift", {
      data: {},
      range: "1h",
      end: "NOW",
    });

    expect(options).toEqual({ key: "all", granularity: "1h", range: "1h", end: "NOW" });
    expect({ count, measures }).toEqual({
      count: 4,
      measures: [
        { target: "kg", type: "sum", value: 12 },
        { target: "kg", type: "avg", value: 4 },
        { target: "kg", type: "mdn", value: 2 },
      ],
    });
    expect(segments?.reduce((sum, segment) => sum + segment.count, 0)).toBe(4);
    for (const { time } of segments ?? []) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00Z$/);
  });

  test(`a question is told how it is understood, and refused when it cannot be meant, on ${host.name}`, async () => {
    const { mesh } = await deployed(host);

    const told = await mesh.resolveQuery("crane.lift", { data: {}, start: "2026-11-22T16:07", range: "90m" });

    expect(told).toEqual({
      key: "all",
      granularity: "1h",
      range: "90m",
      start: "2026-11-22T16:07",
      end: "2026-11-22T17:37Z",
      sparse: false,
    });
    const refused = (query: object, message: RegExp) =>
      expect(mesh.getIds("crane.lift", { data: {}, ...query })).rejects.toMatchObject({
        kind: "invalid-argument",
        code: 400,
        message: expect.stringMatching(message),
      });
    await refused({}, /^Invalid combination of start, end, and range values/);
    await refused({ range: "1 day", end: "NOW" }, /^Invalid range value\./);
    await refused({ start: 5, end: "NOW" }, /^Invalid start value\./);
    await expect(mesh.getStats("crane.drop", { data: {} })).rejects.toMatchObject({ kind: "topic-not-found" });
    expect(await mesh.compress(["a term"])).toBe(true);
  });

  test(`without facets the ids of every list are told, and colons confuse nothing, on ${host.name}`, async () => {
    const { mesh } = await deployed(host);
    await mesh.pub("buoy.moor", { buoy: "Y:1", bay: "a:b", color: "c:d" });
    await mesh.pub("buoy.moor", { buoy: "Y2", bay: "a", color: "b:c" });

    const { counts, segments } = await mesh.getIds("buoy.moor", { data: { bay: "a:b" } });

    expect(counts).toEqual([{ facet: "color:c:d", count: 1 }]);
    expect(segments.flatMap(({ measures }) => measures.flatMap(({ ids }) => ids))).toEqual(["Y:1"]);
    expect((await mesh.getIds("buoy.moor", { data: { bay: "a" } }, ["color:b"])).counts).toEqual([
      { facet: "color:b", count: 0 },
    ]);
  });
}

function signalsToAll(host: CatalogueHost): void {
  test(`signalAll reaches the jobs of the lists it names, and tells which those are, on ${host.name}`, async () => {
    const { mesh } = await moored(host);
    const heard: QuorumMessage[] = [];
    await mesh.subQuorum((_topic, message) => {
      if (message.type === "work") heard.push(message);
    });
    const north = { data: { bay: "north" } };

    const lists = await mesh.signalAll("buoy.call", { tide: "low" }, north, ["color:red", "color:green"]);
    await vi.waitFor(async () => expect([await mesh.getStatus("Y1"), await mesh.getStatus("Y2")]).toEqual([0, 0]));

    expect(lists).toEqual(["buoy.moor:north:color:red"]);
    expect((await mesh.getState("buoy.moor", "Y1")).data).toEqual({ tide: "low", heard: "Y1" });
    expect([await mesh.getStatus("Y3"), await mesh.getStatus("Y4")]).toEqual([1, 1]);
    await vi.waitFor(() => expect(heard).toEqual([{ type: "work", originator: mesh.guid }]));
  });

  test(`signalAll without facets reaches every job of the key, and may forget the index, on ${host.name}`, async () => {
    const { mesh } = await moored(host);
    const query = { data: { bay: "north" }, scrub: true };

    expect(await mesh.signalAll("buoy.call", { tide: "low" }, query)).toEqual(["buoy.moor:north"]);
    await vi.waitFor(async () => expect(await statuses(mesh)).toEqual([0, 0, 0, 1]));

    expect((await mesh.getIds("buoy.moor", query)).counts).toEqual([]);
    expect(await mesh.getStats("buoy.moor", query)).toMatchObject({ count: 3 });
    expect(await mesh.signalAll("buoy.call", { tide: "low" }, query)).toEqual([]);
  });

  test(`signalAll on a topic that nobody waits for is refused, on ${host.name}`, async () => {
    const { mesh } = await deployed(host);

    await expect(mesh.signalAll("buoy.sink", {}, { data: {} })).rejects.toMatchObject({
      kind: "no-hook-rule",
      code: 404,
      message: "unable to find hook rule for topic buoy.sink",
    });
  });
}

const statuses = (mesh: HotMesh) => Promise.all(["Y1", "Y2", "Y3", "Y4"].map((id) => mesh.getStatus(id)));

async function moored(host: CatalogueHost): Promise<CatalogueMesh> {
  const opened = await deployed(host);
  const { mesh } = opened;
  await mesh.pub("buoy.moor", { buoy: "Y1", bay: "north", color: "red" });
  await mesh.pub("buoy.moor", { buoy: "Y2", bay: "north", color: "red" });
  await mesh.pub("buoy.moor", { buoy: "Y3", bay: "north", color: "blue" });
  await mesh.pub("buoy.moor", { buoy: "Y4", bay: "south", color: "red" });
  return opened;
}

async function deployed(host: CatalogueHost): Promise<CatalogueMesh> {
  const opened = await host.open([]);
  await opened.mesh.deploy(harbor(opened.appId));
  await opened.passing(opened.mesh.activate("1", 20));
  return opened;
}
