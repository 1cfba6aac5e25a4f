import { base64url } from "../plan/sha-256.js";

/** Where random bytes come from: the global `crypto` of every host is one. */
export interface RandomBytes {
  /** Fills the array with random bytes, and gives it back. */
  getRandomValues(bytes: Uint8Array): Uint8Array;
}

/** A new id: `H` and `size` characters of `A-Za-z0-9_-`, 6 random bits each. */
export function guid(random: RandomBytes, size = 22): string {
  const bytes = random.getRandomValues(new Uint8Array(Math.ceil((size * 3) / 4)));
  return `H${base64url(bytes).slice(0, size)}`;
}
