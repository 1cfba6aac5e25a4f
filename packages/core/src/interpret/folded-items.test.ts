import { describe, expect, test } from "vitest";
import { generationId, jobId, type PathText, pathText, planId } from "../brand.js";
import { waitOf } from "../job/escalation.js";
import type { JobEvent } from "../job/event.js";
import type { JsonObject } from "../json.js";
import type { InboundMessage } from "../ports/message.js";
import type { Commit, MissingReads, Snapshot } from "../ports/program.js";
import { generation, job, now, planOf, signal, start, wake } from "../testing/builders.js";
import { graphProgram } from "./batch.js";

const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        again: { type: hook, cycle: true }
        ask: { type: hook, escalation: { role: clerk } }
        back: { type: cycle, ancestor: again }
      transitions:
        start: [ { to: again } ]
        again: [ { to: ask } ]
        ask: [ { to: back, conditions: { code: 201 } } ]
      hooks:
        go:
          - to: ask
            conditions: { match: [ { expected: '{start.output.data.id}', actual: '{$hook.data.id}' } ] }
`);
const program = graphProgram({ plans: new Map([[plan.id, plan]]), policy: null });
const first = pathText("ask,0,0,0");
const second = pathText("ask,0,1,0");
const waitAt = (path: PathText) => waitOf({ generation, path });
const begin = (payload: JsonObject = { id: "k" }) => start(plan, payload);
/** The same start for another job. */
const other = { ...begin(), job: jobId("j2"), generation: generationId("G2") };
const again = (path: PathText, data: JsonObject) => signal(path, data, { code: 201 });

function message(event: JobEvent, position: number): InboundMessage {
  const { kind, body } = event;
  return {
    key: signal(`m${position}`).key,
    topic: null,
    kind,
    job: event.job,
    generation: event.generation,
    path: "path" in event ? event.path : null,
    body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
    source: "event",
    plan: null,
    request: null,
  };
}

function decided(
  events: readonly JobEvent[],
  escalations?: Snapshot["escalations"],
  before?: Commit,
): Commit | MissingReads {
  const snapshot: Snapshot = {
    now,
    jobs: new Map(before?.jobs.map(({ record }) => [record.id, record]) ?? []),
    passes: before?.passes ?? [],
    asked: { passes: before?.passes ?? [], ranges: [] },
    activation: { version: "1", plan: planId(plan.id), epoch: 1 },
    ...(escalations !== undefined && { escalations }),
  };
  const answer = program.decide(events.map(message), snapshot);
  if ("missing" in answer) throw new Error("the plan is missing");
  return answer;
}

function commitOf(...given: Parameters<typeof decided>): Commit {
  const answer = decided(...given);
  if ("wanted" in answer) throw new Error(`it wants ${JSON.stringify(answer)}`);
  return answer;
}

const free = new Map([["k", null]]);

describe("a batch", () => {
  test("asks whether a key is pending, once for each, and only where an item is opened", () => {
    expect(decided([begin(), other])).toEqual({ wanted: { passes: [], ranges: [] }, escalations: ["k"] });
    expect(commitOf([begin({})])).not.toHaveProperty("escalationsOpened");
    expect(commitOf([begin({})])).not.toHaveProperty("escalationsClosed");
  });

  test("opens an item when its key is free", () => {
    const { escalationsOpened, escalationsClosed } = commitOf([begin()], free);

    expect(escalationsOpened).toMatchObject([{ key: "k", wait: waitAt(first), job, closed: null }]);
    expect(escalationsClosed).toBeUndefined();
  });

  test("opens none when another wait has the key", () => {
    const commit = commitOf([begin()], new Map([["k", "another"]]));

    expect([commit.escalationsOpened, commit.hooksOpened]).toEqual([undefined, []]);
    expect(commit.jobs).toMatchObject([{ record: { phase: "failed", failure: { code: 409 } } }]);
  });

  test("opens none when a stand-alone item has the key", () => {
    expect(commitOf([begin()], new Map([["k", ""]])).escalationsOpened).toBeUndefined();
  });

  test("of two jobs that ask for one key the first gets it", () => {
    const commit = commitOf([begin(), other], free);

    expect(commit.escalationsOpened?.map((item) => item.job)).toEqual([job]);
    expect(commit.jobs.map(({ record }) => record.phase)).toEqual(["running", "failed"]);
  });

  test("an item that was opened and closed in it is written as over, with what it was resolved with", () => {
    const { escalationsOpened, escalationsClosed } = commitOf([begin(), signal(first, { ok: 1 })], free);

    expect(escalationsOpened).toMatchObject([
      { wait: waitAt(first), closed: { status: "resolved", payload: { ok: 1 } } },
    ]);
    expect(escalationsClosed).toBeUndefined();
  });

  test("a key that one decision gives back another one can take", () => {
    const { escalationsOpened } = commitOf([begin(), wake(first), other], free);

    expect(escalationsOpened?.map((item) => [item.job, item.closed])).toEqual([
      [job, { status: "expired", payload: null }],
      ["j2", null],
    ]);
  });

  test("an item that was there before is closed, and its key is free for what follows", () => {
    const before = commitOf([begin()], free);
    const held = new Map([["k", waitAt(first)]]);

    const commit = commitOf([again(first, { n: 1 }), again(second, { n: 2 })], held, before);

    expect(commit.escalationsClosed).toEqual([
      { key: "k", wait: waitAt(first), status: "resolved", payload: { n: 1 } },
    ]);
    expect(commit.escalationsOpened?.map(({ wait, closed }) => [wait, closed])).toEqual([
      [waitAt(second), { status: "resolved", payload: { n: 2 } }],
      [waitAt(pathText("ask,0,2,0")), null],
    ]);
  });

  test("a wait whose item is no longer pending does not free the key that somebody else has taken since", () => {
    const before = commitOf([begin()], free);
    const taken = new Map([["k", "taken since"]]);

    const commit = commitOf([again(first, {})], taken, before);

    expect(commit.escalationsOpened).toBeUndefined();
    expect(commit.jobs).toMatchObject([{ record: { phase: "failed", failure: { code: 409 } } }]);
  });
});
