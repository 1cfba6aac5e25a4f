import { after } from "@hotmesh/core";
import { expect, test, vi } from "vitest";
import { document, planOf, studio } from "./testing/mesh.js";

test("a job id that a live job has is refused", async () => {
  const { deploy, start, settle } = studio();
  await deploy();
  const both = Promise.allSettled([start("pot.throw", { id: "P1" }), start("pot.throw", { id: "P1" })]);
  await settle();

  const [first, second] = await both;

  expect(first).toMatchObject({ status: "fulfilled", value: { jobId: "P1" } });
  expect(second).toMatchObject({
    status: "rejected",
    reason: { name: "DuplicateJobError", code: 409, jobId: "P1", message: "Duplicate job: P1" },
  });
});

test("a topic that no graph subscribes to is not found", async () => {
  const { deploy, start } = studio();
  await deploy();

  await expect(start("pot.break")).rejects.toMatchObject({
    kind: "topic-not-found",
    code: 404,
    message: "no subscription found for topic pot.break in app studio for app version 1",
  });
});

test("nothing starts in an app that was never deployed", async () => {
  const { start } = studio();

  await expect(start("pot.throw")).rejects.toMatchObject({
    kind: "app-not-found",
    code: 404,
    message: "no app found for id studio",
  });
});

test("nothing starts before a version is active", async () => {
  const { backend, start } = studio();
  await backend.store.deploy(planOf(document()));

  await expect(start("pot.throw")).rejects.toMatchObject({ kind: "not-active", code: 409 });
});

test("F13 a start that was prepared for an old version starts on the new one", async () => {
  const { backend, engine, steps, deploy, start, outcome } = studio();
  await deploy();
  await outcome(start("pot.throw", { id: "P1" }));
  await backend.store.deploy(planOf(document("2")));
  await backend.store.activate("2");
  expect(engine.activations.known?.version).toBe("1");
  steps.length = 0;

  const { record } = await outcome(start("pot.throw", { id: "P2" }));

  expect(record).toMatchObject({ version: "2" });
  expect(engine.activations.known?.version).toBe("2");
});

test("S43 S44 in nocache mode the storage is asked for each start, afterwards it is not", async () => {
  const inner = studio();
  const activation = vi.fn(inner.backend.store.activation);
  const { engine, start, outcome } = studio({ clock: inner.clock, store: { ...inner.backend.store, activation } });
  await inner.deploy();
  const askedFor = async (id: string): Promise<number> => {
    activation.mockClear();
    await outcome(start("pot.throw", { id }));
    return activation.mock.calls.length;
  };
  await askedFor("P1");

  expect(await askedFor("P2")).toBe(0);
  engine.activations.nocache(after(inner.clock.now(), 1_000));
  expect([await askedFor("P3"), await askedFor("P4")]).toEqual([1, 1]);
  inner.clock.advance(1_000);
  expect(await askedFor("P5")).toBe(0);
});

test("S43 starts of one moment share a question, and who comes later has a younger answer", async () => {
  const inner = studio();
  const asked: (() => void)[] = [];
  const activation = async () => {
    await new Promise<void>((resolve) => asked.push(resolve));
    return inner.backend.store.activation();
  };
  const { engine } = studio({ clock: inner.clock, store: { ...inner.backend.store, activation } });
  await inner.deploy();
  engine.activations.nocache(after(inner.clock.now(), 1_000));
  const current = async (): Promise<string> => (await engine.activations.current()).version;
  const answerTo = async (question: number): Promise<void> => {
    await vi.waitFor(() => expect(asked).toHaveLength(question));
    asked[question - 1]?.();
  };

  const first = Promise.all([current(), current(), current()]);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  const second = Promise.all([current(), current()]);
  await answerTo(1);
  expect(await first).toEqual(["1", "1", "1"]);
  await inner.backend.store.deploy(planOf(document("2")));
  await inner.backend.store.activate("2");
  await answerTo(2);

  expect(await second).toEqual(["2", "2"]);
  expect(asked).toHaveLength(2);
});

test("a question that fails is told to whoever asked, and the next one is asked", async () => {
  const inner = studio();
  const activation = vi.fn(inner.backend.store.activation).mockRejectedValueOnce(new Error("the line is cut"));
  const { engine } = studio({ clock: inner.clock, store: { ...inner.backend.store, activation } });
  await inner.deploy();
  engine.activations.nocache(after(inner.clock.now(), 1_000));

  const failed = [engine.activations.current(), engine.activations.current()];
  await Promise.all(failed.map((one) => expect(one).rejects.toThrow("the line is cut")));
  expect((await engine.activations.current()).version).toBe("1");
});
