import type { EntryAnswer } from "../../code/protocol.js";
import { isJsonObject, type Json } from "../../json.js";

/**
 * The answer of a worker; null: it is none. Workers may be strangers with a login for one queue, so what is read of it
 * later is looked at here.
 */
export function entryAnswerOf(data: Json): EntryAnswer | null {
  if (!isJsonObject(data)) return null;
  const { seen, requests, end, patches } = data;
  const isAnswer =
    typeof seen === "number" &&
    Array.isArray(requests) &&
    requests.every(isRequest) &&
    (patches === undefined || (Array.isArray(patches) && patches.every((patch) => typeof patch === "string"))) &&
    (end === undefined || isEnd(end));
  return isAnswer ? (data as unknown as EntryAnswer) : null;
}

function isRequest(request: Json): boolean {
  if (!isJsonObject(request)) return false;
  const { n, kind, name, hash } = request;
  if (!Number.isSafeInteger(n) || Number(n) < 0 || !parts.has(String(kind))) return false;
  return typeof name === "string" && typeof hash === "string" && (request["cancelled"] === true || hasParts(request));
}

/** What the kind of a request needs. */
function hasParts(request: { readonly [key: string]: Json }): boolean {
  const needed = Object.entries(parts.get(String(request["kind"])) ?? {});
  return needed.every(([name, type]) => {
    const value = request[name];
    if (type === "list") return Array.isArray(value);
    return type === "map" ? isJsonObject(value) : typeof value === type;
  });
}

type Parts = { readonly [name: string]: "string" | "number" | "list" | "map" };

const job: Parts = { payload: "map", fields: "map" };
const stored: Parts = { method: "string", arguments: "list", place: "number" };

const parts: ReadonlyMap<string, Parts> = new Map<string, Parts>([
  ["proxy", { topic: "string", body: "map" }],
  ["sleep", { ms: "number" }],
  ["wait", { signalId: "string" }],
  ["child", job],
  ["start", job],
  ["search", stored],
  ["entity", stored],
  ["signal", { signalId: "string" }],
  ["hook", { payload: "map" }],
  ["emit", { events: "map" }],
  ["trace", { attributes: "map" }],
  ["interrupt", { job: "string", options: "map" }],
  ["enrich", { fields: "map" }],
]);

function isEnd(end: Json): boolean {
  if (!isJsonObject(end)) return false;
  if (end["kind"] === "returned") return true;
  if (end["kind"] === "continued") return Array.isArray(end["arguments"]);
  return end["kind"] === "failed" && isJsonObject(end["error"]);
}
