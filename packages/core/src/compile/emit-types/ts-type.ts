/** A type of TypeScript, as far as JSON Schema can ask for one. */
export type TsType =
  /** A keyword or a literal. */
  | { readonly kind: "word"; readonly text: string }
  /** The name of another type. */
  | { readonly kind: "name"; readonly text: string }
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
  const parts = distinct("intersection", types).filter((type) => !isWord(type, "unknown"));
  if (parts.some((type) => isWord(type, "never"))) return never;
  const [first, ...more] = parts;
  return more.length === 0 ? (first ?? unknown) : { kind: "intersection", of: parts };
}

/** Each type once, those of nested unions or intersections included. */
function distinct(kind: "union" | "intersection", types: readonly TsType[]): readonly TsType[] {
  const flat = types.flatMap((type) => (type.kind === kind ? type.of : [type]));
  return [...new Map(flat.map((type) => [JSON.stringify(type), type])).values()];
}

export function isWord(type: TsType, text: string): boolean {
  return type.kind === "word" && type.text === text;
}

/** Does it name other types in the items of lists, outside of records? */
export function namesInLists(type: TsType, isInList = false): boolean {
  switch (type.kind) {
    case "word":
    case "record":
      return false;
    case "name":
      return isInList;
    case "list":
      return namesInLists(type.item, true);
    case "tuple":
      return [...type.items.map((item) => item.type), type.rest ?? never].some((item) => namesInLists(item, true));
    case "union":
    case "intersection":
      return type.of.some((part) => namesInLists(part, isInList));
  }
}
