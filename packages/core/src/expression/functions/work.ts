import { isKeyed, isList } from "./own.js";

/**
 * What a call costs beside its row, in units of about a nanosecond; conversions, which can go deep, spend theirs
 * themselves. Without this the limit of rows would bound nothing, as a row can copy a list of millions. Lists that are
 * made cost more than lists that are read because they are kept, texts cost little because most are never copied.
 */
const READ_ITEM = 1;
const MADE_ITEM = 4;
const READ_TEXT = 1 / 8;
const MADE_TEXT = 1 / 2;
const MADE_KEY = 300;

interface Tariff {
  /** For the call itself. */
  readonly flat?: number;
  /** Times what the inputs cost by their sizes. */
  readonly read?: number;
  /** Times what a list or text that is made costs by its size. */
  readonly made?: number;
  /** The result is an object that the call has made. */
  readonly makesKeys?: true;
  /** Gives back an input, or puts inputs together without copying them. */
  readonly isShallow?: true;
}

const COPY: Tariff = { makesKeys: true };
const LIST_OF_KEYS: Tariff = { made: 50 };
const LOCALE: Tariff = { flat: 20_000 };
const SHALLOW: Tariff = { isShallow: true };

const TARIFFS: ReadonlyMap<string, Tariff> = new Map<string, Tariff>([
  ...[
    "assign",
    "create",
    "defineProperties",
    "defineProperty",
    "freeze",
    "fromEntries",
    "preventExtensions",
    "seal",
  ].map((name): [string, Tariff] => [`object.${name}`, COPY]),
  ["object.set", COPY],
  ...["keys", "values", "entries", "getOwnPropertyNames"].map((name): [string, Tariff] => [
    `object.${name}`,
    LIST_OF_KEYS,
  ]),
  ["object.get", SHALLOW],
  ["object.hasOwnProperty", SHALLOW],
  ["array.get", SHALLOW],
  ["array.length", SHALLOW],
  ["array.pop", SHALLOW],
  ["array.shift", SHALLOW],
  ["string.concat", SHALLOW],
  ["conditional.ternary", SHALLOW],
  ["conditional.nullish", SHALLOW],
  ["logical.and", SHALLOW],
  ["logical.or", SHALLOW],
  ["array.sort", { read: 100 }],
  ["json.parse", { read: 32 }],
  ["cron.nextDelay", { flat: 100_000 }],
  ["date.toLocaleDateString", LOCALE],
  ["date.toLocaleString", LOCALE],
  ["date.toLocaleTimeString", LOCALE],
]);

const USUAL: Tariff = {};

/** The work of reading the inputs of a function, before it is called. */
export function workToRead(fn: string, inputs: readonly unknown[]): number {
  const { flat = 0, read = 1, isShallow } = TARIFFS.get(fn) ?? USUAL;
  if (isShallow) return inputs.length;
  let work = inputs.length;
  for (const input of inputs) {
    if (typeof input === "string") work += input.length * READ_TEXT;
    else if (isList(input)) work += input.length * READ_ITEM;
  }
  return flat + work * read;
}

/** The work of making the result of a function. */
export function workToMake(fn: string, result: unknown): number {
  if (typeof result !== "string" && !isKeyed(result)) return 0;
  const { made = 1, makesKeys, isShallow } = TARIFFS.get(fn) ?? USUAL;
  if (isShallow) return 0;
  if (typeof result === "string") return result.length * MADE_TEXT * made;
  if (isList(result)) return result.length * MADE_ITEM * made;
  return makesKeys === undefined ? 0 : Object.keys(result).length * MADE_KEY;
}
