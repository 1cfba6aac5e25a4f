import { HotMeshError, isJsonObject, type Json, type JsonObject } from "@hotmesh/core";
import { type Codec, registeredCodec } from "./codec.js";

// An encoded value is stored as {"$hotmesh":"codec","v":"<encoded>"}. A value of a user that looks like one is wrapped
// as {"$hotmesh":"codec-clear","v":<value>}, so that neither is taken for the other. The order of keys is part of the
// form: JSON.stringify writes it, and json columns keep it.
const tag = "$hotmesh";
const encodedTag = "codec";
const clearTag = "codec-clear";
const beginning = `{"${tag}":"${encodedTag}`;

/** Makes a value of a result what it was before it was stored. */
export type Open = (value: Json) => Json;

/** Leaves stored values as they are stored. */
export const asStored: Open = (value) => value;

/** How to open the values of a result, by its text: nearly none has anything to open, and then nothing is looked at. */
export function openerOf(text: string): Open {
  return text.includes(tag) ? opened : asStored;
}

/**
 * A document as JSON text to be stored. With a codec each value in it that is an object or a list is encoded as a
 * whole; a document that is a list is one value.
 */
export function documentText(document: Json): string {
  const codec = registeredCodec();
  if (codec !== null) return JSON.stringify(encodedDocument(document, codec));
  const text = JSON.stringify(document);
  return text.includes(beginning) ? JSON.stringify(wrapped(document)) : text;
}

export function documentTextOrNull(document: Json): string | null {
  return document === null ? null : documentText(document);
}

/** A document that SQL looks into: of its members only the one of this name is a value of users. */
export function documentTextWith(document: Json, name: string): string {
  const codec = registeredCodec();
  if (codec === null || !isJsonObject(document)) return documentText(document);
  const { [name]: value = null } = document;
  return JSON.stringify(value === null ? document : { ...document, [name]: encodedValue(value, codec) });
}

/** A document that is kept as text inside of another one. */
export function nestedText(text: string): string {
  return registeredCodec() === null && !text.includes(beginning) ? text : documentText(JSON.parse(text));
}

export function openedText(text: string, open: Open): string {
  return open === asStored || !text.includes(beginning) ? text : JSON.stringify(open(JSON.parse(text)));
}

export function openedObject(document: JsonObject, open: Open): JsonObject {
  const json = open(document);
  return isJsonObject(json) ? json : {};
}

/** A value could not be encoded or decoded. Nothing of the transaction in which that happened stays. */
export function isCodecError(thrown: unknown): thrown is HotMeshError {
  return HotMeshError.is(thrown) && (thrown.kind === "codec-missing" || thrown.kind === "codec-failed");
}

function encodedDocument(document: Json, codec: Codec): Json {
  if (!isJsonObject(document)) return encodedValue(document, codec);
  const members = withMembers(document, (value) => encodedValue(value, codec));
  return isMarked(document) ? { [tag]: clearTag, v: members } : members;
}

function encodedValue(value: Json, codec: Codec): Json {
  if (typeof value !== "object" || value === null || isScalar(value)) return value;
  const encoded: unknown = guarded("encode", () => codec.encode(JSON.stringify(value)));
  if (typeof encoded !== "string") throw notText("encode", encoded);
  return { [tag]: encodedTag, v: encoded };
}

/** A Date, NaN or an infinity, which core stores as a tagged map. */
function isScalar(value: Json): boolean {
  if (!isJsonObject(value)) return false;
  const { [tag]: kind, v } = value;
  if (kind === "date") return typeof v === "number" || v === null;
  return kind === "number" && typeof v === "string" && /^(NaN|-?Infinity)$/.test(v);
}

function wrapped(value: Json): Json {
  if (Array.isArray(value)) return value.map(wrapped);
  if (!isJsonObject(value)) return value;
  const members = withMembers(value, wrapped);
  return isMarked(value) ? { [tag]: clearTag, v: members } : members;
}

function opened(value: Json): Json {
  if (Array.isArray(value)) return value.map(opened);
  if (!isJsonObject(value)) return value;
  const { v } = value;
  if (!isMarked(value)) return withMembers(value, opened);
  if (value[tag] === encodedTag) return typeof v === "string" ? decodedValue(v) : value;
  return isJsonObject(v) ? withMembers(v, opened) : value;
}

function decodedValue(encoded: string): Json {
  const codec = registeredCodec();
  if (codec === null) {
    const hint = "register the one that wrote it, with HotMesh.registerCodec, before init";
    throw new HotMeshError("codec-missing", `A stored value is encoded, and this process has no codec: ${hint}`);
  }
  const text: unknown = guarded("decode", () => codec.decode(encoded));
  if (typeof text !== "string") throw notText("decode", text);
  return guarded("decode", () => JSON.parse(text));
}

function guarded<T>(what: "encode" | "decode", run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HotMeshError("codec-failed", `The registered codec could not ${what} a value: ${why}`, { cause });
  }
}

function notText(what: "encode" | "decode", given: unknown): HotMeshError {
  const message = `The registered codec's ${what} returned ${given === null ? "null" : typeof given}`;
  return new HotMeshError("codec-failed", `${message}; expected a string, synchronously`);
}

function withMembers(object: JsonObject, change: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

function isMarked(value: JsonObject): boolean {
  const [first, second, third] = Object.keys(value);
  if (first !== tag || second !== "v" || third !== undefined) return false;
  return value[tag] === encodedTag || value[tag] === clearTag;
}
