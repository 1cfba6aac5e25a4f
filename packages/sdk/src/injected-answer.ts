import {
  type AnswerBody,
  generationId,
  HotMeshError,
  jobId,
  keyAfter,
  messageKey,
  type OutgoingMessage,
  pathText,
} from "@hotmesh/core";
import { answerBodyOf, type StreamData } from "@hotmesh/worker";

/**
 * The message that answers an open activity from outside. Its identity is the guid: a worker's
 * own answer and an injected one with the guid of the request are the same answer.
 */
export function injectedAnswer(
  streamData: StreamData,
  newId: () => string,
): OutgoingMessage & { readonly guid: string } {
  const { metadata } = streamData;
  const jid = required(metadata?.jid, "metadata.jid");
  const aid = required(metadata?.aid, "metadata.aid");
  const dad = required(metadata?.dad, "metadata.dad");
  if (!/^(,\d+)+$/.test(dad)) throw invalid(`metadata.dad is '${dad}'; expected an address such as ',0,0'`);
  const guid = metadata.guid === undefined ? newId() : required(metadata.guid, "metadata.guid");
  return {
    guid,
    key: keyAfter(messageKey(guid), "answer"),
    topic: null,
    kind: "complete",
    job: jobId(jid),
    generation: generationId(required(metadata.gid, "metadata.gid")),
    path: pathText(`${aid}${dad}`),
    body: bodyOf(streamData),
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: metadata.trc ?? null,
  };
}

function bodyOf(streamData: StreamData): AnswerBody {
  const { code } = streamData;
  if (code !== undefined && !(Number.isInteger(code) && code >= 100 && code <= 999)) {
    throw invalid(`code is ${String(code)}; expected an integer of three digits`);
  }
  const body = answerBodyOf({ ...streamData });
  if (body === null) {
    throw invalid(`status is ${JSON.stringify(streamData.status)}; expected success, error or pending`);
  }
  return body;
}

function required(value: unknown, path: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(`${path} is ${JSON.stringify(value) ?? "missing"}; expected the text that the worker received`);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
