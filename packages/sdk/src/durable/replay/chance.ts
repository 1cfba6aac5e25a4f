import { derived } from "./derived-id.js";
import { scopeOf } from "./scope.js";

/** A number from 0 to 1 that is the same in every entry: the fractional part of `sin(counter) · 10000`. */
export function random(): number {
  const { entry } = scopeOf("random");
  const drawn = Math.sin(entry.take()) * 10_000;
  return drawn - Math.floor(drawn);
}

/** A UUID that is the same in every entry, and in no other workflow. Takes 16 values of the counter. */
export function uuid4(): string {
  const { entry } = scopeOf("uuid4");
  const bytes = [...derived(entry, entry.take(16)).subarray(0, 16)];
  const [version = 0, variant = 0] = [bytes[6], bytes[8]];
  bytes[6] = (version & 0x0f) | 0x40;
  bytes[8] = (variant & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
