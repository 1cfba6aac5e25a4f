import { afterAll, beforeAll, expect, test } from "vitest";
import { HotMesh } from "../hotmesh.js";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { isCancellation } from "./errors.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("endings");

let refunds: string[] = [];
const activities = {
  async refund(order: string) {
    refunds.push(order);
    return `refunded ${order}`;
  },
};
const proxy = () => workflow.proxyActivities<typeof activities>({ activities });

const functions = {
  async sleeper(duration: string) {
    await workflow.sleep(duration);
    return "rested";
  },
  async killer(id: string) {
    await workflow.startChild({ workflowName: "sleeper", taskQueue: "end", args: ["1 hour"], workflowId: id });
    await workflow.terminate(id, { throw: false });
    return "done";
  },
  async order(id: string) {
    try {
      await workflow.sleep("1 hour");
      return "shipped";
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return workflow.CancellationScope.nonCancellable(() => proxy().refund(id));
    }
  },
  async batches(total: number, turn: number): Promise<number> {
    if (turn === 3) return total;
    await workflow.sleep("10ms");
    await workflow.continueAsNew(total + 10, turn + 1);
    refunds.push("code after continueAsNew");
    return -1;
  },
  async patching() {
    const first = (await workflow.patched("one")) ? "new" : "old";
    await workflow.sleep("10ms");
    const second = (await workflow.patched("two")) ? "new" : "old";
    workflow.deprecatePatch("one");
    return [first, second];
  },
  async hooked(id: string) {
    return workflow.condition(id);
  },
  async patchingHook(id: string) {
    await workflow.sleep("10ms");
    await workflow.signal(id, await workflow.patched("one"));
  },
  async brief(answer: string) {
    return answer;
  },
  async parentOf(ids: string[]) {
    return Promise.all(
      ids.map((workflowId) =>
        workflow.executeChild({ workflowName: "sleeper", taskQueue: "end", args: ["1 hour"], workflowId }),
      ),
    );
  },
};

beforeAll(() => scene.work("end", functions));
afterAll(() => scene.close());

test("C18 a sleeping workflow that is terminated rejects with 410 and its id; another one ends normally", async () => {
  const doomed = await scene.start("end", "sleeper", { args: ["1 hour"] });
  const other = await scene.start("end", "sleeper", { args: ["50ms"] });
  await expect.poll(async () => (await scene.rows("jobs where status > 0")).length).toBeGreaterThan(0);

  await doomed.terminate();

  const { workflowId } = doomed;
  await expect(doomed.result()).rejects.toMatchObject({
    code: 410,
    message: `job [${workflowId}] interrupted`,
    job_id: workflowId,
  });
  expect(await doomed.status()).toBeLessThan(-100_000_000);
  expect(await other.result()).toBe("rested");
  await expect(doomed.terminate()).rejects.toMatchObject({ message: `Job ${workflowId} already completed` });
  expect(await doomed.interrupt({ suppress: true })).toBeUndefined();
});

test("C18 a reason and a code of one's own arrive, and throw: false gives undefined", async () => {
  const [told, silent] = await Promise.all([1, 2].map(() => scene.start("end", "sleeper", { args: ["1 hour"] })));

  await told?.terminate({ reason: "no demand", code: 488 });
  await silent?.terminate({ throw: false });

  await expect(told?.result()).rejects.toMatchObject({ code: 488, message: "no demand" });
  expect(await silent?.result()).toBeUndefined();
});

test("C18 a parent terminates the child that it started", async () => {
  expect(await scene.run("end", "killer", { args: ["child-to-kill"] })).toBe("done");

  const child = await scene.client.workflow.getHandle("end", "sleeper", "child-to-kill", scene.namespace);
  await expect.poll(() => child.status()).toBeLessThan(-1_000_000);
  expect(await child.state(true)).toMatchObject({ metadata: { js: expect.any(Number) } });
  expect(await child.result({ state: true })).toBeUndefined();
});

test("C60 descend ends the children too", async () => {
  const parent = await scene.start("end", "parentOf", { args: [["kid-1", "kid-2"]] });
  const kids = await Promise.all(
    ["kid-1", "kid-2"].map((id) => scene.client.workflow.getHandle("end", "sleeper", id, scene.namespace)),
  );
  for (const kid of kids) await expect.poll(() => kid.status().catch(() => 0)).toBeGreaterThan(0);

  await parent.terminate({ descend: true });

  for (const kid of kids) await expect.poll(() => kid.status()).toBeLessThan(-1_000_000);
});

test("C20 without cancellation nothing is cancelled", async () => {
  expect(await scene.run("end", "sleeper", { args: ["20ms"] })).toBe("rested");
});

test("C20 C46 a cancellation ends a long sleep; what catches it cleans up and returns", async () => {
  refunds = [];
  const handle = await scene.start("end", "order", { args: ["O1"] });
  await expect.poll(async () => (await scene.rows(`engine_streams where jid = '${handle.workflowId}'`)).length).toBe(1);

  await handle.cancel();

  expect(await handle.result()).toBe("refunded O1");
  expect(refunds).toEqual(["O1"]);
});

test("C20 a cancellation that nobody catches ends the workflow with 598", async () => {
  const handle = await scene.start("end", "sleeper", { args: ["1 hour"] });

  await handle.cancel();

  await expect(handle.result()).rejects.toMatchObject({
    message: "Workflow cancelled",
    code: 598,
    name: "CancelledFailure",
  });
});

test("C20 a workflow that continues as new returns what its last turn returns", async () => {
  refunds = [];

  expect(await scene.run("end", "batches", { args: [0, 0] })).toBe(30);

  expect(refunds).toEqual([]);
});

test("C20 patches of a new workflow are in force, one that is reached late as well", async () => {
  expect(await scene.run("end", "patching")).toEqual(["new", "new"]);
});

test("C20 a patch of a hook is in force as well", async () => {
  const { namespace } = scene;
  const handle = await scene.start("end", "hooked", { args: ["patched"] });
  const hook = {
    namespace,
    workflowId: handle.workflowId,
    taskQueue: "end",
    workflowName: "patchingHook",
    args: ["patched"],
  };

  await scene.client.workflow.hook(hook);

  expect(await handle.result()).toBe(true);
});

test("an id that is taken is refused, whatever the function, and is free after expiry", async () => {
  const args = ["first"];
  const handle = await scene.start("end", "brief", { args, workflowId: "taken", expire: 1 });
  expect(await handle.result()).toBe("first");
  const again = () => scene.start("end", "sleeper", { args: ["10ms"], workflowId: "taken" });

  await expect(again()).rejects.toMatchObject({
    name: "DuplicateJobError",
    message: "Duplicate job: taken",
    jobId: "taken",
  });
  await expect
    .poll(
      () =>
        again().then(
          () => "started",
          () => "refused",
        ),
      { timeout: 5_000 },
    )
    .toBe("started");
});

test("C42 C43 the handle of an expired workflow rejects with not found, and its id starts a new one", async () => {
  const handle = await scene.start("end", "brief", { args: ["one"], workflowId: "brief", expire: 1 });
  expect(await handle.result()).toBe("one");
  await expect.poll(() => handle.status().catch(({ code }: { code: number }) => code), { timeout: 5_000 }).toBe(404);

  await expect(handle.result()).rejects.toMatchObject({ kind: "job-not-found", code: 404 });
  const second = await scene.start("end", "brief", { args: ["two"], workflowId: "brief" });
  expect(await second.result()).toBe("two");
  await expect(handle.result()).rejects.toMatchObject({ kind: "job-not-found" });
  const unknown = await scene.client.workflow.getHandle("end", "brief", "nobody", scene.namespace);
  await expect(unknown.result()).rejects.toMatchObject({ kind: "job-not-found", message: "nobody Not Found" });
  await expect(unknown.status()).rejects.toMatchObject({ kind: "job-not-found" });
});

test("C43 a result that is waited for when its job goes rejects", async () => {
  const handle = await scene.start("end", "sleeper", { args: ["1 hour"] });
  const waiting = handle.result();
  waiting.catch(() => {});

  await handle.hotMesh.scrub(handle.workflowId);

  await expect(waiting).rejects.toMatchObject({ kind: "job-not-found" });
});

test("when HotMesh.stop has stopped all instances, clients and workers begin anew", async () => {
  await HotMesh.stop();

  await scene.work("end", functions);

  expect(await scene.run("end", "brief", { args: ["again"] })).toBe("again");
});

test("after a shutdown clients and workers begin anew", async () => {
  await Durable.shutdown();
  expect(HotMesh.disconnecting).toBe(false);

  await scene.work("end", functions);

  expect(await scene.run("end", "brief", { args: ["back"] })).toBe("back");
});
