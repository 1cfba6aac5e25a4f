import { jsonObjectOf, jsonOf, messageKey, type OutgoingMessage } from "@hotmesh/core";
import { workerAnswer } from "@hotmesh/core/testing";
import type { StreamData, WorkerAnswer } from "@hotmesh/worker";
import { workers } from "./stories.js";

/** What the workers of every simulated app do: they fail as often as their message says, then they answer. */
export function answerOf(message: StreamData): WorkerAnswer {
  const { topic = "" } = message.metadata;
  const { data, _retryAttempt: attempt = 0 } = message;
  if (typeof data["flaky"] === "number" && attempt < data["flaky"]) {
    throw Object.assign(new Error("not yet"), { code: 503, stack: undefined });
  }
  const answered = workerAnswer(scenario, { ...request, topic, body: jsonOf(data) ?? {}, attempt }, 0);
  return { status: answered.status, code: answered.code, data: jsonObjectOf(answered.data) };
}

const scenario = { name: "workers", document: "", workers, steps: [] };

/** What an answer does not depend on. */
const request: OutgoingMessage = {
  key: messageKey("request"),
  topic: null,
  kind: "work",
  job: null,
  generation: null,
  path: null,
  body: {},
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
};
