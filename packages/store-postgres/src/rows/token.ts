import { randomUUID } from "node:crypto";
import { type LeaseToken, leaseToken, type MessageKey } from "@hotmesh/core";
import { stored } from "./stored-text.js";

const secretLength = 36;

/** A lease token ends with the key of its message, because no index covers leases. stream_claim makes the same form. */
export function newToken(key: MessageKey): LeaseToken {
  return leaseToken(`${randomUUID()} ${stored(key)}`);
}

/** The stored key of the message a token belongs to; of a token that is none of ours, anything. */
export function storedKeyOf(token: LeaseToken): string {
  return token.slice(secretLength + 1);
}
