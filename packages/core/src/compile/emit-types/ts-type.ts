/** A type of TypeScript, as far as JSON Schema can ask for one. */
export type TsType =
  /** A keyword, a literal or a name. */
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "list"; readonly item: TsType }
  | TupleType
  | RecordType
  | { readonly kind: "union" | "intersection"; readonly of: readonly TsType[] };

export interface TupleType {
  readonly kind: "tuple";
  readonly items: readonly TupleItem[];
  /** The type of all further items; null: there are none. */
  readonly rest: TsType | null;
}

export interface RecordType {
  readonly kind: "record";
  readonly members: readonly Member[];
  /** The type of every other member; null: there are none. */
  readonly index: TsType | null;
  /** One member per line, however short they are. */
  readonly isBlock?: boolean;
}

export interface TupleItem {
  readonly type: TsType;
  readonly isOptional: boolean;
}

export interface Member {
  readonly name: string;
  readonly type: TsType;
  readonly isOptional: boolean;
  /** What its comment says; empty: it has none. */
  readonly doc: string;
}

export const word = (text: string): TsType => ({ kind: "word", text });
export const unknown = word("unknown");
export const never = word("never");
/** Any map. */
export const anyRecord = word("Record<string, unknown>");

export function union(types: readonly TsType[]): TsType {
  const parts = distinct("union", types).filter((type) => !isWord(type, "never"));
  if (parts.some((type) => isWord(type, "unknown"))) return unknown;
  const [first, ...more] = parts;
  return more.length === 0 ? (first ?? never) : { kind: "union", of: parts };
}

export function intersection(types: readonly TsType[]): TsType {
  const all = distinct("intersection", types).filter((type) => !isWord(type, "unknown"));
  const parts = withoutImpossible(oneTuple(all));
  if (parts.some((type) => isWord(type, "never"))) return never;
  const [first, ...more] = parts;
  return more.length === 0 ? (first ?? unknown) : { kind: "intersection", of: parts };
}

/** Tuples of tuples cannot be intersected while they are being defined: the first says enough. */
function oneTuple(parts: readonly TsType[]): readonly TsType[] {
  const tuples = parts.filter((part) => alternatives(part).some(({ kind }) => kind === "tuple"));
  return parts.filter((part) => part === tuples[0] || !tuples.includes(part));
}

/** Alternatives that no other part allows are left out: no text is a list, and no list a map. */
function withoutImpossible(parts: readonly TsType[]): readonly TsType[] {
  const sorts = parts.map((part) => new Set(alternatives(part).map(sortOf)));
  const isPossible = (type: TsType): boolean => {
    const sort = sortOf(type);
    return sort === null || sorts.every((others) => others.has(null) || others.has(sort));
  };
  return parts.map((part) => union(alternatives(part).filter(isPossible)));
}

const alternatives = (type: TsType): readonly TsType[] => (type.kind === "union" ? type.of : [type]);

/** What sort of value a type is for; null where that is not known here. */
function sortOf(type: TsType): string | null {
  if (type.kind === "tuple" || type.kind === "list") return "list";
  if (type.kind === "record") return "record";
  if (type.kind !== "word") return null;
  if (type.text.startsWith("Record<")) return "record";
  if (type.text.startsWith('"')) return "string";
  if (/^-?\d/.test(type.text)) return "number";
  if (type.text === "true" || type.text === "false") return "boolean";
  return ["string", "number", "boolean", "null"].includes(type.text) ? type.text : null;
}

/** Each type once, those of nested unions or intersections included. */
function distinct(kind: "union" | "intersection", types: readonly TsType[]): readonly TsType[] {
  const flat = types.flatMap((type) => (type.kind === kind ? type.of : [type]));
  return [...new Map(flat.map((type) => [JSON.stringify(type), type])).values()];
}

export function isWord(type: TsType, text: string): boolean {
  return type.kind === "word" && type.text === text;
}
