import { describe, expect, test } from "vitest";
import { generationId, jobId, pathText } from "../brand.js";
import type { Decision } from "../job/decision.js";
import type { Plan } from "../plan/plan.js";
import { answer, interrupt, planOf, play, published, resume, sent, start } from "../testing/builders.js";

const asked = {
  parent: { job: jobId("p1"), generation: generationId("P"), path: pathText("call,0,0"), awaits: true },
  waiter: "caller",
};

/** What is told in one decision: to the parent, to the waiting caller, to the subscribers. */
function told(decision: Decision): readonly unknown[] {
  const parent = sent(decision).flatMap(({ job, body }) => (job === "p1" ? [["parent", body]] : []));
  const others = published(decision).map(({ channel, body }) => [
    channel,
    typeof body === "object" && body !== null && "final" in body && body.final,
  ]);
  return [...parent, ...others];
}

const graph = (work: string, rest = ""): Plan =>
  planOf(`
    - subscribes: t
      publishes: t.done
      activities:
        start: { type: trigger, job: { maps: { begun: true } } }
        work: { type: worker, topic: w, ${work} }
        other: { type: worker, topic: w }
      transitions: { start: [ { to: work }, { to: other } ] ${rest} }
  `);
const begun = (plan: Plan) => start(plan, {}, asked);

describe("who hears what", () => {
  test("a natural completion: everybody, once, the final document", () => {
    const plan = graph("job: { maps: { n: '{$self.output.data.n}' } }");
    const first = play(plan, [begun(plan), answer("work,0,0", { n: 1 })]);
    const last = play(plan, [answer("other,0,0")], { from: first.job });

    expect(told(first)).toEqual([]);
    expect(told(last)).toEqual([
      ["parent", { status: "success", code: 200, data: { begun: true, n: 1 } }],
      ["result/caller", true],
      ["job", true],
    ]);
    expect(published(last)[0]).toMatchObject({
      exclusive: true,
      body: { job: "j1", generation: "G1", topic: "t.done" },
      local: { phase: "completed", failure: null, output: { metadata: { js: 0, state: "completed" }, data: { n: 1 } } },
    });
  });

  test("a graph that publishes nothing: a caller that waits, and the mesh with it", () => {
    const plan = planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, work: { type: worker, topic: w } }
      transitions: { start: [ { to: work } ] }
    `);
    const done = (waiter: string | null) => play(plan, [start(plan, {}, { waiter }), answer("work,0,0")]);

    expect(told(done("caller"))).toEqual([
      ["result/caller", true],
      ["job", true],
    ]);
    expect(told(done(null))).toEqual([]);
  });

  test("an interim result: everybody, and the final one later", () => {
    const plan = graph("emit: true");
    const interim = play(plan, [begun(plan), answer("work,0,0")]);
    const last = play(plan, [answer("other,0,0")], { from: interim.job });

    expect(told(interim)).toEqual([
      ["parent", { status: "pending", code: 202, data: { begun: true } }],
      ["result/caller", false],
      ["job", false],
    ]);
    expect(told(last).map((each) => (Array.isArray(each) ? each[0] : null))).toEqual([
      "parent",
      "result/caller",
      "job",
    ]);
    expect(sent(interim)[0]?.key).not.toBe(sent(last)[0]?.key);
  });

  test("persist: parent and caller have their final answer, what comes later is for the subscribers alone", () => {
    const plan = graph("persist: true");
    const persisted = play(plan, [begun(plan), answer("work,0,0")]);
    const last = play(plan, [answer("other,0,0")], { from: persisted.job });

    expect(told(persisted)).toEqual([
      ["parent", { status: "success", code: 200, data: { begun: true } }],
      ["result/caller", true],
      ["job", true],
    ]);
    expect(persisted.job?.record).toMatchObject({ phase: "running", status: 1, expireAt: null });
    expect(told(last)).toEqual([["job", true]]);
  });

  test("an error that no edge takes: everybody at once, and the subscribers again at the end", () => {
    const plan = graph("emit: true");
    const failed = play(plan, [begun(plan), answer("work,0,0", { message: "no", code: 402 }, { status: "error" })]);
    const last = play(plan, [answer("other,0,0")], { from: failed.job });
    const data = { message: "no", code: 402, is_stream_error: true };

    expect(told(failed)).toEqual([
      ["parent", { status: "error", code: 402, data }],
      ["result/caller", true],
      ["job", true],
    ]);
    expect([failed, last].map(({ job }) => job?.record)).toMatchObject([
      { phase: "failed", status: 1, failure: data },
      { phase: "failed", status: 0, failure: data },
    ]);
    expect(told(last)).toEqual([["job", true]]);
  });

  test("an interruption: everybody, as an error, or without throw as a success", () => {
    const plan = graph("emit: true");
    const data = { code: 410, message: "job [j1] interrupted", stack: "", job_id: "j1" };

    expect(told(play(plan, [begun(plan), interrupt()]))).toEqual([
      ["parent", { status: "error", code: 410, data }],
      ["result/caller", true],
      ["job", true],
    ]);
    expect(told(play(plan, [begun(plan), interrupt({ throws: false })]))[0]).toEqual([
      "parent",
      { status: "success", code: 200, data: { begun: true } },
    ]);
  });

  test("a closing pass that also emits and persists sends one notification", () => {
    const plan = graph("emit: true, persist: true");
    const decision = play(plan, [begun(plan), answer("other,0,0"), answer("work,0,0")]);

    expect(told(decision)).toHaveLength(3);
    expect(published(decision)).toMatchObject([{ body: { final: true } }, { body: { final: true } }]);
  });

  test("only a strict true emits, on the data after the pass's own maps", () => {
    const mapped = graph("emit: '{$job.data.go}', job: { maps: { go: '{$self.output.data.go}' } }");
    const done = (go: boolean | number) => told(play(mapped, [begun(mapped), answer("work,0,0", { go })]));

    expect(done(true)).toHaveLength(3);
    expect(done(1)).toEqual([]);
  });
});

test("an interim result of a job that still runs is vouched, with the document of then; a final one is not", () => {
  const plan = graph("emit: true, job: { maps: { n: '{$self.output.data.n}' } }");
  const interim = play(plan, [begun(plan), answer("work,0,0", { n: 1 })]);
  const last = play(plan, [answer("other,0,0")], { from: interim.job });

  const [toCaller, toSubscribers] = published(interim);
  const document = { metadata: { jid: "j1", js: 1, state: "running" }, data: { begun: true, n: 1 } };
  const told = { job: "j1", generation: "G1", topic: "t.done", final: false, output: document, failure: null };
  expect([toCaller, toSubscribers]).toMatchObject(Array(2).fill({ vouched: true, body: told }));
  expect(toCaller?.local).toMatchObject({ ...told, phase: "running" });
  const final = { job: "j1", generation: "G1", topic: "t.done", final: true };
  expect(published(last).map(({ body, vouched }) => ({ body, vouched }))).toEqual(
    Array(2).fill({ body: final, vouched: undefined }),
  );
});

describe("a trigger", () => {
  const at = (setting: string, payload: { readonly done?: boolean } = {}) => {
    const plan = planOf(`
    - subscribes: t
      publishes: t.done
      activities: { start: { type: trigger, ${setting} }, work: { type: worker, topic: w } }
      transitions: { start: [ { to: work, conditions: { match: [ { actual: '{start.input.data.done}' } ] } } ] }
    `);
    return play(plan, [start(plan, payload, asked)]);
  };

  test("announces what it emits, what it persists, and the end of a job that ends there", () => {
    expect(told(at("emit: true"))).toMatchObject([["parent", { status: "pending" }], {}, ["job", false]]);
    expect(told(at("persist: true"))).toMatchObject([["parent", { status: "success" }], {}, ["job", true]]);
    expect(told(at("emit: true", { done: true }))).toMatchObject([
      ["parent", { status: "success" }],
      {},
      ["job", true],
    ]);
    expect(told(at("emit: false"))).toEqual([]);
  });

  test("a pending start announces nothing; the resumed job that has no edges is complete", () => {
    const plan = planOf(`
    - subscribes: t
      publishes: t.done
      activities: { start: { type: trigger, emit: true } }
    `);
    const pending = play(plan, [start(plan, {}, { ...asked, pendingSeconds: 5 })]);
    const resumed = play(plan, [resume()], { from: pending.job });

    expect(told(pending)).toEqual([]);
    expect(resumed.job?.record).toMatchObject({ phase: "completed", status: 0 });
    expect(told(resumed)).toHaveLength(3);
    expect(play(plan, [resume()], { from: resumed.job }).verdict).toEqual({ outcome: "stale", reason: "closed" });
  });

  test("a parent that does not wait hears that the child exists, and nothing more", () => {
    const plan = graph("emit: true");
    const parent = { ...asked.parent, awaits: false };
    const begin = play(plan, [start(plan, {}, { parent })]);
    const end = play(plan, [answer("work,0,0"), answer("other,0,0")], { from: begin.job });
    const time = "20260528202640.000";

    expect(told(begin)).toEqual([
      ["parent", { status: "success", code: 200, data: { job_id: "j1", jc: time, ju: time } }],
    ]);
    expect(told(end)).toEqual([["job", true]]);
  });
});

test("what a parent is told has dates as text", () => {
  const plan = graph("job: { maps: { at: { '@pipe': [ ['2024-05-01T00:00:00.000Z'], ['{@date.fromISOString}'] ] } } }");

  const decision = play(plan, [begun(plan), answer("work,0,0"), answer("other,0,0")]);

  expect(told(decision)[0]).toMatchObject(["parent", { data: { at: "2024-05-01T00:00:00.000Z" } }]);
});
