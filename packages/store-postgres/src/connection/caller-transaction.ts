import { HotMeshError } from "@hotmesh/core";
import type { ClientBase } from "pg";
import { type Run, runOn } from "./database.js";

/**
 * Statements in the transaction that a caller has open on this client. Throws `invalid-argument` when there is none:
 * half of a call could be stored then, because each statement would commit by itself.
 */
export function runWithin(client: ClientBase): Run {
  if (typeof client?.query !== "function" || "totalCount" in client) {
    throw invalid("client is no connected client of pg; take one out of the pool");
  }
  const { getTransactionStatus: status } = client;
  // Clients that do not tell, as those of older drivers, are trusted.
  if (typeof status === "function" && status.call(client) === "I") {
    throw invalid("client has no transaction open; send it `begin` and wait for the answer before the call");
  }
  return runOn(client);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
