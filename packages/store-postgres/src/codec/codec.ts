import { HotMeshError } from "@hotmesh/core";

/** Turns JSON text into what is stored, and back. Synchronous: it runs in the middle of a step. */
export interface Codec {
  /** What is stored in place of a JSON text: any text. */
  encode(json: string): string;
  /** The JSON text again. */
  decode(text: string): string;
}

// On the global object, because a process may hold two copies of this package, one for import and one for require.
const place = Symbol.for("hotmesh.codec");
const shared: typeof globalThis & { [place]?: Codec | null } = globalThis;

/**
 * Has objects and lists encoded wherever PostgreSQL keeps them, in all instances of this process; null ends it. Values
 * that were stored without a codec stay readable. Every process that reads what a codec has written needs it.
 */
export function registerCodec(codec: Codec | null): void {
  const given: unknown = codec;
  if (given !== null && !isCodec(given)) {
    throw new HotMeshError("invalid-argument", "registerCodec expects { encode, decode }, two functions, or null");
  }
  shared[place] = codec;
}

/** Null: values are stored as they are. */
export function registeredCodec(): Codec | null {
  return shared[place] ?? null;
}

function isCodec(value: unknown): value is Codec {
  if (typeof value !== "object" || value === null || !("encode" in value) || !("decode" in value)) return false;
  return typeof value.encode === "function" && typeof value.decode === "function";
}
