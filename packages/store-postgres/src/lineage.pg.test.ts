import { generationId, graphProgram, instant, jobId, messageKey, type Program, prepareStart } from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { afterEach, beforeEach, expect, test } from "vitest";
import { quoted } from "./schema/quoted.js";
import { openHarness, type PostgresHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";

const plan = compileText(`
app:
  id: family
  version: "1"
  graphs:
    - subscribes: top
      activities:
        t1: { type: trigger, stats: { id: top } }
        call: { type: await, topic: middle, input: { maps: { id: middle, n: 7 } } }
      transitions: { t1: [ { to: call } ] }
    - subscribes: middle
      activities:
        t2: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        ask: { type: await, topic: bottom }
      transitions: { t2: [ { to: ask } ] }
    - subscribes: bottom
      activities:
        t3: { type: trigger, stats: { id: bottom } }
        work: { type: worker, topic: bench }
      transitions: { t3: [ { to: work } ] }
`).plan;
const program: Program = graphProgram({ plans: new Map([[plan.id, plan]]), policy: null });
const now = instant(1_800_000_000_000);
let harness: PostgresHarness;

beforeEach(async () => {
  harness = await openHarness(postgresUrl());
  await harness.backend.store.deploy(plan);
  await harness.backend.store.activate(plan.version);
});

afterEach(() => harness.close());

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = await harness.client();
  return (await client.query(text.replaceAll("{{schema}}", quoted(harness.backend.schema)))).rows;
}

/** Starts a job, and goes on until no engine message is due. */
async function start(topic: string, payload: Record<string, string>): Promise<void> {
  const event = prepareStart(plan, {
    topic,
    payload,
    generatedId: jobId("unnamed"),
    generation: generationId(`generation of ${topic}`),
    key: messageKey(`start ${topic}`),
    now,
  });
  await harness.backend.store.step({ limit: 0, events: [event] }, program);
  for (let claimed = 1; claimed > 0; ) ({ claimed } = await harness.backend.store.step({ limit: 10 }, program));
}

const lineage = "select id, origin_id, parent_id from {{schema}}.jobs order by id";

test("a child's parent is the job that awaits it, and its origin the first of the line", async () => {
  await start("top", {});

  expect(await rows(lineage)).toEqual([
    { id: "bottom", origin_id: "top", parent_id: "middle" },
    { id: "middle", origin_id: "top", parent_id: "top" },
    { id: "top", origin_id: null, parent_id: null },
  ]);
});

test("a payload names the origin and the parent of any job", async () => {
  await start("middle", { id: "m", originJobId: "O1", parentWorkflowId: "W1" });

  expect(await rows(lineage)).toEqual([
    { id: "bottom", origin_id: "O1", parent_id: "m" },
    { id: "m", origin_id: "O1", parent_id: "W1" },
  ]);
});

test("people see what an await has sent while it waits, and that an interrupted job waits no more", async () => {
  const calls = "select state, topic, input, output from {{schema}}.activities where activity_id = 'call'";
  await start("top", {});

  expect(await rows(calls)).toEqual([{ state: "open", topic: "middle", input: { id: "middle", n: 7 }, output: null }]);

  const message = {
    ...{ key: messageKey("stop"), topic: null, kind: "interrupt", job: jobId("top"), generation: null, path: null },
    ...{ visibleAt: null, attempt: 0, policy: null, codeRetries: [], workflow: null, trace: null },
    body: { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false },
  };
  await harness.backend.store.step({ limit: 0, events: [message] }, program);

  expect(await rows(calls)).toEqual([
    { state: "interrupted", topic: "middle", input: { id: "middle", n: 7 }, output: null },
  ]);
});
