import {
  type CollationError,
  generationId,
  type InboundMessage,
  instant,
  type JobRecord,
  jobId,
  messageKey,
  pathText,
  planId,
  type Verdict,
} from "@hotmesh/core";
import { expect, test } from "vitest";
import { staleError } from "./stale-error.js";

const job = (over: Partial<JobRecord> = {}): JobRecord => ({
  id: jobId("P1"),
  generation: generationId("G1"),
  revision: 1,
  plan: planId("P"),
  topic: "pot.throw",
  version: "1",
  entity: null,
  phase: "running",
  status: 1,
  data: null,
  fields: {},
  failure: null,
  key: null,
  parent: null,
  origin: null,
  waiter: null,
  trace: null,
  control: {},
  createdAt: instant(0),
  updatedAt: instant(0),
  expireAt: null,
  ...over,
});

const message = (over: Partial<InboundMessage> = {}): InboundMessage => ({
  key: messageKey("m"),
  topic: null,
  kind: "complete",
  job: jobId("P1"),
  generation: generationId("G1"),
  path: pathText("k1,0,0"),
  body: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
  source: "stored",
  plan: null,
  request: null,
  ...over,
});

const closed: Verdict = { outcome: "stale", reason: "closed" };
const duplicate: Verdict = { outcome: "duplicate" };
const kindOf = (...about: Parameters<typeof staleError>): string | null => staleError(...about)?.name ?? null;

test("a message for a job that does not exist is an InactiveJobError without a status", () => {
  const error = staleError(message(), { outcome: "stale", reason: "not-found" }, null);

  expect(error).toMatchObject({ name: "InactiveJobError", jobId: "P1", activityId: "k1", status: null });
});

test.each([
  ["completed", 0],
  ["interrupted", -1_000_000],
] as const)("a message for a job that is %s is an InactiveJobError with its status", (phase, status) => {
  const error = staleError(message(), closed, job({ phase, status }));

  expect(error).toMatchObject({ name: "InactiveJobError", jobId: "P1", activityId: "k1", status });
});

test("a job that has yet to begin is not over, whatever its status", () => {
  expect(kindOf(message(), closed, job({ phase: "pending", status: 0 }))).toBe("CollationError");
});

test("a message of an earlier job with the same id is a GenerationalError, also when the present one is over", () => {
  const earlier = message({ generation: generationId("G0") });

  const errors = [job(), job({ phase: "completed", status: 0 })].map((one) => staleError(earlier, closed, one));

  const about = { expected: "G1", actual: "G0", jobId: "P1", activityId: "k1", dimensionalAddress: ",0,0" };
  expect(errors).toMatchObject(Array(2).fill({ name: "GenerationalError", ...about }));
});

test("a message that names no generation is never of an earlier one", () => {
  expect(kindOf(message({ generation: null }), closed, job())).toBe("CollationError");
});

test.each([
  [duplicate, "duplicate"],
  [closed, "closed"],
] as const)("a message for a job that runs is a CollationError: %j is the fault %s", (verdict, fault) => {
  const error = staleError(message(), verdict, job({ status: 3 }));

  const about: Partial<CollationError> = { status: 3, leg: 2, stage: "complete", fault };
  expect(error).toMatchObject({
    name: "CollationError",
    ...about,
    message: expect.stringContaining("k1,0,0 of job P1"),
  });
});

test.each([
  ["complete", 2],
  ["signal", 2],
  ["wake", 2],
  ["resume", 1],
  ["interrupt", 1],
])("a message of kind %s is about leg %i", (kind, leg) => {
  expect(staleError(message({ kind }), duplicate, job())).toMatchObject({ stage: kind, leg });
});

test("a message about no pass is about its job", () => {
  const about = message({ kind: "resume", path: null });

  expect(staleError(about, closed, job())?.message).toContain("for job P1 ");
  expect(staleError(about, closed, null)).toMatchObject({ activityId: "", jobId: "P1" });
});

test.each<[string, InboundMessage, Verdict]>([
  ["was applied", message(), { outcome: "applied", job: null }],
  ["was rejected", message(), { outcome: "rejected", kind: "invalid-argument", failure: { message: "no", code: 400 } }],
  ["was superseded", message(), { outcome: "stale", reason: "superseded" }],
  ["is about no job", message({ job: null }), duplicate],
  ["starts a job", message({ kind: "start" }), duplicate],
  ["has a caller who is told", message({ kind: "interrupt", source: "event" }), closed],
])("a message that %s is none", (_, about, verdict) => {
  expect(staleError(about, verdict, job())).toBeNull();
});

test("an answer that a caller brings is one like any other", () => {
  const kinds = ["complete", "signal", "wake"].map((kind) => kindOf(message({ kind, source: "event" }), closed, job()));

  expect(kinds).toEqual(Array(3).fill("CollationError"));
});
