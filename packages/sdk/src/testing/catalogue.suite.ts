import type { JobRecord } from "@hotmesh/core";
import type { StreamData } from "@hotmesh/worker";
import { expect, test, vi } from "vitest";
import type { HotMeshWorker } from "../config.js";
import type { HotMesh } from "../hotmesh.js";
import { firstDam, noDam, secondDam, specex } from "./catalogue-documents.js";

/** Where the stories are told: a mesh of one app, and what a test may do to its surroundings. */
export interface CatalogueMesh {
  readonly appId: string;
  readonly mesh: HotMesh;
  /** Waits for what takes time: on a clock of the test, by moving it. */
  passing<T>(work: Promise<T>): Promise<T>;
  /** How long a pending job waits here, and what makes that time pass. On a real clock it passes by itself. */
  readonly pending: { readonly seconds: number; readonly elapse: () => void };
  job(id: string): Promise<JobRecord | null>;
}

export interface CatalogueHost {
  readonly name: string;
  open(workers: readonly Omit<HotMeshWorker, "backend" | "connection">[]): Promise<CatalogueMesh>;
}

/** Examples of the language reference that need a worker pump, an injected answer or a switch of versions. */
export function catalogueConformance(host: CatalogueHost): void {
  retriesByCode(host);
  workerThatAnswersTwice(host);
  pendingStart(host);
  versionSwitch(host);
}

function retriesByCode(host: CatalogueHost): void {
  test.each([
    { code: 503, times: 2, outcome: { depth: 3 }, calls: 3 },
    { code: 503, times: 3, outcome: { code: 503 }, calls: 3 },
    { code: 500, times: 1, outcome: { code: 500 }, calls: 1 },
  ])(`16.21 $code failing $times times ends after $calls calls, on ${host.name}`, async (row) => {
    const tries: (number | undefined)[] = [];
    const callback = async ({ data, metadata }: StreamData) => {
      tries.push(metadata.try);
      if (tries.length <= row.times) throw Object.assign(new Error("blunt"), { code: data["code"] });
      return { data: { depth: tries.length } };
    };
    const opened = await host.open([{ topic: "vault.drill", callback }]);
    await deployed(opened, specex(opened.appId), "1");

    const outcome = await opened.passing(
      opened.mesh.pubsub("vault.crack", { code: row.code }, null, 600_000).then(
        ({ data }) => data,
        ({ code }: { code: number }) => ({ code }),
      ),
    );

    expect(outcome).toEqual(row.outcome);
    expect(tries).toEqual([undefined, 1, 2].slice(0, row.calls));
  });
}

function workerThatAnswersTwice(host: CatalogueHost): void {
  test(`16.24 a worker may answer first for the time being, then for good, on ${host.name}`, async () => {
    const requests: StreamData[] = [];
    const callback = async (request: StreamData) => {
      requests.push(request);
      return { status: "pending" as const, code: 202, data: { pct: 40 } };
    };
    const opened = await host.open([{ topic: "oven.cook", callback }]);
    await deployed(opened, specex(opened.appId), "1");
    const { mesh } = opened;
    const served: unknown[] = [];
    await mesh.sub("oven.served", (_topic, output) => served.push(output.data));

    await mesh.pub("oven.slow", { oid: "o1", dish: "pie" });
    await vi.waitFor(async () => {
      expect((await mesh.getState("oven.slow", "o1")).data).toEqual({ pct: 40, told: 40 });
    });
    expect(await mesh.getStatus("o1")).toBe(1);
    expect(served).toEqual([]);

    const [request] = requests;
    if (request === undefined) throw new Error("the oven was not asked");
    const answer = (guid: string, pct: number) =>
      mesh.add({ metadata: { ...request.metadata, guid }, status: "success", code: 200, data: { pct } });
    await answer("Hdone", 100);
    await vi.waitFor(async () => expect(await mesh.getStatus("o1")).toBe(0));
    const done = await mesh.getState("oven.slow", "o1");
    await answer("Hlate", 7);

    expect(done.data).toEqual({ pct: 100, told: 40, served: true });
    expect(await mesh.getState("oven.slow", "o1")).toEqual(done);
    await vi.waitFor(() => expect(served).toEqual([{ pct: 100, told: 40, served: true }]));
    expect(requests).toHaveLength(1);
  });
}

function pendingStart(host: CatalogueHost): void {
  test(`16.25 a pending job has its fields and announces nothing before it is resumed, on ${host.name}`, async () => {
    const opened = await host.open([]);
    await deployed(opened, specex(opened.appId), "1");
    const { mesh } = opened;
    const echoed: unknown[] = [];
    await mesh.sub("badge.echoed", (_topic, output) => echoed.push(output.metadata["jid"]));
    const extras = { search: { city: "Rome" }, marker: { "-m": "v", m: "dropped" } };

    await mesh.pub("badge.echo", { id: "pend1" }, undefined, { pending: 30, ...extras });
    const pending = await mesh.getState("badge.echo", "pend1");
    // Had the pending job announced anything, this job's announcement would come after it.
    await mesh.pub("badge.echo", { id: "bx1" });
    await vi.waitFor(() => expect(echoed).toEqual(["bx1"]));
    await mesh.resume("pend1");

    expect(pending.metadata).toMatchObject({ jid: "pend1", js: -1, state: "pending" });
    await vi.waitFor(async () => expect(await mesh.getStatus("pend1")).toBe(0));
    expect((await mesh.getState("badge.echo", "pend1")).data).toMatchObject({
      ...{ jid: "pend1", key: "lobby", tpc: "badge.echo", app: opened.appId },
      ...{ vrs: "1", aid: "tap", js: 1, keep: 60, from: ",0" },
    });
    expect((await opened.job("pend1"))?.fields).toEqual({ _city: "Rome", "-m": "v" });
    await vi.waitFor(() => expect(echoed).toEqual(["bx1", "pend1"]));
  });

  test(`16.25 a job that is not resumed in time is not found and its id is free, on ${host.name}`, async () => {
    const opened = await host.open([]);
    await deployed(opened, specex(opened.appId), "1");
    const { mesh, pending } = opened;
    await mesh.pub("badge.echo", { id: "pend1" }, undefined, { pending: pending.seconds });
    await expect(mesh.pub("badge.echo", { id: "pend1" })).rejects.toMatchObject({
      message: "Duplicate job: pend1",
    });

    pending.elapse();
    await vi.waitFor(async () => expect(await opened.job("pend1")).toBeNull(), { timeout: 10_000 });

    await expect(mesh.resume("pend1")).rejects.toMatchObject({ kind: "job-not-found", code: 404 });
    expect(await mesh.pub("badge.echo", { id: "pend1" })).toBe("pend1");
    expect(await mesh.getStatus("pend1")).toBe(0);
  });
}

function versionSwitch(host: CatalogueHost): void {
  test(`16.28 a waiting job ends on the version it started on, on ${host.name}`, async () => {
    const opened = await host.open([]);
    const { mesh, appId } = opened;
    const look = async (id: string) => {
      const { data, metadata } = await mesh.getState("dam.guard", id);
      return { data, js: metadata["js"], vrs: metadata["vrs"] };
    };
    const afterSignal = async (dam: string, by: string) => {
      await mesh.signal("dam.open", { dam, by });
      await vi.waitFor(async () => expect(await mesh.getStatus(dam)).toBe(0));
      return look(dam);
    };

    // 1. Version 1 is active, A and B wait.
    await deployed(opened, firstDam(appId), "1");
    await mesh.pub("dam.guard", { dam: "A" });
    await mesh.pub("dam.guard", { dam: "B" });
    expect(await look("A")).toEqual({ data: { v: "one" }, js: 1, vrs: "1" });

    // 2. A version that is deployed is inert.
    await mesh.deploy(secondDam(appId));
    await mesh.pub("dam.guard", { dam: "C" });
    expect(await look("C")).toEqual({ data: { v: "one" }, js: 1, vrs: "1" });

    // 3. New jobs run the new version, waiting ones keep theirs.
    await opened.passing(mesh.activate("2", 20));
    await mesh.pub("dam.guard", { dam: "D" });
    expect(await afterSignal("A", "x")).toEqual({ data: { v: "one", sig: "x", after: "one" }, js: 0, vrs: "1" });
    expect(await afterSignal("D", "x")).toEqual({
      data: { v: "two", sig: "x", extra: "n2", after: "two", tail: "two" },
      js: 0,
      vrs: "2",
    });

    // 4. A version without the graph starts no such job, and those that wait go on.
    await deployed(opened, noDam(appId), "3");
    await expect(mesh.pub("dam.guard", { dam: "E" })).rejects.toMatchObject({
      message: expect.stringMatching(/^no subscription found for topic /),
    });
    expect(await afterSignal("B", "y")).toEqual({ data: { v: "one", sig: "y", after: "one" }, js: 0, vrs: "1" });

    // 5. Any deployed version may be activated again.
    await opened.passing(mesh.activate("1", 20));
    await mesh.pub("dam.guard", { dam: "F" });
    expect(await look("F")).toEqual({ data: { v: "one" }, js: 1, vrs: "1" });

    // 6. The same document again changes nothing, another one under the active version is refused.
    await mesh.deploy(firstDam(appId));
    expect(await afterSignal("F", "z")).toEqual({ data: { v: "one", sig: "z", after: "one" }, js: 0, vrs: "1" });
    await expect(mesh.deploy(firstDam(appId).replace("after: one", "after: uno"))).rejects.toMatchObject({
      kind: "version-active",
    });
  });
}

async function deployed(opened: CatalogueMesh, document: string, version: string): Promise<void> {
  await opened.mesh.deploy(document);
  await opened.passing(opened.mesh.activate(version, 20));
}
