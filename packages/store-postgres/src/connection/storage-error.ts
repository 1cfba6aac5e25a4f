import { HotMeshError } from "@hotmesh/core";

const lostRace = new Set(["40001", "40P01", "23505"]);
const passing = ["08", "53", "57", "58"];
const brokenSocket = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);

/** Another transaction was faster, or in the way: the same work may succeed at once when it is done again. */
export function isLostRace(thrown: unknown): boolean {
  const cause = HotMeshError.is(thrown) ? thrown.cause : thrown;
  return lostRace.has(codeOf(cause));
}

/** Data exceptions, constraints that are violated, and limits of the server. */
const refusing = ["22", "23", "54"];

/** The server will not have what it was given: the same values are refused whenever they are brought. */
export function isRefusal(thrown: unknown): thrown is HotMeshError {
  return (
    HotMeshError.is(thrown) && thrown.kind === "storage-failed" && refusing.includes(codeOf(thrown.cause).slice(0, 2))
  );
}

/** An error of the driver or the server as callers see it. A HotMeshError stays what it is. */
export function storageError(thrown: unknown): unknown {
  if (HotMeshError.is(thrown) || !(thrown instanceof Error)) return thrown;
  const code = codeOf(thrown);
  if (lostRace.has(code)) {
    return new HotMeshError("storage-busy", `Postgres could not serve this now: ${thrown.message}`, {
      cause: thrown,
    });
  }
  // An error without a code is the driver's own: connections that ended, pools that gave up waiting.
  if (code === "" || brokenSocket.has(code) || passing.includes(code.slice(0, 2))) {
    return new HotMeshError("connection-failed", `Postgres did not answer: ${thrown.message}`, {
      cause: thrown,
    });
  }
  return new HotMeshError("storage-failed", `Postgres refused a statement (${code}): ${thrown.message}`, {
    cause: thrown,
  });
}

export function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}
