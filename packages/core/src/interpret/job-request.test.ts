import { expect, test } from "vitest";
import { generationId, instant, jobId, messageKey } from "../brand.js";
import { compileText } from "../compile/compile.js";
import type { Json } from "../json.js";
import type { InboundMessage, OutgoingMessage } from "../ports/message.js";
import type { Commit, Snapshot } from "../ports/program.js";
import type { JobRecord } from "../ports/records.js";
import { graphProgram } from "./batch.js";
import type { JobRequestBody } from "./event-codec.js";
import { requestMessage } from "./job-request.js";

const plan = compileText(`
app:
  id: orchard
  version: '1'
  graphs:
    - subscribes: apples.weigh
      activities:
        scale: { type: trigger }
    - subscribes: apples.count
      input: { validate: true, schema: { type: object, required: [ apples ] } }
      activities:
        count: { type: trigger }
    - subscribes: apples.split
      activities:
        split:
          type: trigger
          stats: { id: { '@pipe': [ [ '{$self.input.data.name}' ], [ '{@json.parse}' ] ] } }
`).plan;
const program = graphProgram({
  plans: new Map([[plan.id, plan]]),
  policy: null,
  violations: () => [{ path: "", message: "must have required property 'apples'" }],
});

const request = (body: Partial<JobRequestBody> = {}): InboundMessage =>
  inbound(
    requestMessage(messageKey("r1"), generationId("G1"), { topic: "apples.weigh", data: {}, job: "A1", ...body }),
  );

function inbound(message: OutgoingMessage): InboundMessage {
  return { ...message, source: "stored", plan: null, request: null };
}

function decided(message: InboundMessage, change: Partial<Snapshot> = {}): Commit {
  const commit = program.decide([message], {
    now: instant(1_780_000_000_000),
    jobs: new Map(),
    passes: [],
    asked: { passes: [], ranges: [] },
    activation: { version: "1", plan: plan.id, epoch: 1 },
    ...change,
  });
  if (!("verdicts" in commit)) throw new Error("it was not shown enough");
  return commit;
}

/** The start that a request becomes. */
function startOf(message: InboundMessage): InboundMessage {
  const [start] = decided(message).sends;
  if (start === undefined) throw new Error("it was refused");
  return inbound(start);
}

const reasonsOf = ({ parked }: Commit): readonly string[] => parked.map(({ reason }) => reason);

test("a request reads the active version and no job", () => {
  expect(program.reads([request()])).toEqual({ passes: [], ranges: [], activation: true });
});

test("a request becomes the start of a job, which a later step decides under the lock of its id", () => {
  const commit = decided(request());

  expect(commit.sends).toMatchObject([
    {
      kind: "start",
      job: "A1",
      generation: "G1",
      body: { topic: "apples.weigh", requested: { job: "A1", once: false } },
    },
  ]);
  expect([commit.jobs, commit.parked]).toEqual([[], []]);
  expect(decided(startOf(request())).jobs).toMatchObject([{ record: { id: "A1", status: 0 }, expected: null }]);
});

test("a request that is decided twice becomes one message", () => {
  expect(decided(request()).sends).toEqual(decided(request()).sends);
});

test("a request that can never be met stays, and says why", () => {
  const why = (body: Partial<JobRequestBody>): readonly string[] => reasonsOf(decided(request(body)));

  expect(why({ topic: "pears" })).toEqual(["no subscription found for topic pears in app orchard for app version 1"]);
  expect(why({ topic: "apples.count" })).toEqual([
    expect.stringMatching(/^the payload for topic apples.count breaks .*: the payload must have required property/),
  ]);
  expect(why({ topic: "apples.split", data: { name: "{" } })).toEqual([expect.stringContaining("split.stats.id")]);
  expect(reasonsOf(decided(request(), { activation: null }))).toEqual([
    "no version of the app is active; activate one that is deployed",
  ]);
});

test("a request for an id that is taken stays beside the job, and says whose it is", () => {
  const start = startOf(request());
  const live = new Map([[jobId("A1"), jobOf(start, "G2")]]);

  const refusal = decided(start, { jobs: live });

  expect(refusal).toMatchObject({ jobs: [], parked: [], sends: [{ kind: "request", job: null }] });
  expect(reasonsOf(decided(inbound(refusal.sends[0] ?? start)))).toEqual(["Duplicate job: A1"]);
});

test("a job that a request has started already, or that may have been, is no reason to complain", () => {
  const start = startOf(request());
  const repeated = startOf(request({ once: true }));

  for (const [message, generation] of [
    [start, "G1"],
    [repeated, "G2"],
  ] as const) {
    const commit = decided(message, { jobs: new Map([[jobId("A1"), jobOf(start, generation)]]) });
    expect(commit).toMatchObject({ jobs: [], parked: [], sends: [], verdicts: [{ outcome: "duplicate" }] });
  }
});

test("a request whose version is no longer active is asked for anew, with the id it named", () => {
  const start = startOf(request({ data: { apples: 3 } }));
  const body = { ...Object(start.body), plan: "another" } satisfies Json;

  expect(decided({ ...start, body }).sends).toMatchObject([
    { kind: "request", job: null, generation: "G1", body: { topic: "apples.weigh", data: { apples: 3 }, job: "A1" } },
  ]);
});

/** The job that a start makes, of another generation. */
function jobOf(start: InboundMessage, generation: string): JobRecord {
  const [write] = decided(start).jobs;
  if (write === undefined) throw new Error("no job was started");
  return { ...write.record, generation: generationId(generation) };
}
