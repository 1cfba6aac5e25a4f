import type { Member, RecordType, TsType, TupleType } from "./ts-type.js";

const columnsMax = 120;

/** A type as text: on one line where that fits, and where nothing in it has a comment. */
export function printType(type: TsType, indent: number, before = indent): string {
  const line = flat(type);
  // One column is kept for the semicolon or comma behind it.
  return line !== null && before + line.length < columnsMax ? line : broken(type, indent);
}

/** `name?: type;` with its comment, indented. */
export function printMember(member: Member, indent: number): string {
  const name = `${nameText(member.name)}${member.isOptional ? "?" : ""}:`;
  return `${printDoc(member.doc, indent)}${pad(indent)}${name}${afterName(member.type, indent, name)};\n`;
}

/** A comment above what follows, or nothing. */
export function printDoc(doc: string, indent: number): string {
  const lines = doc
    .replaceAll("*/", "*\\/")
    .trim()
    .split(/\r\n|[\n\r\u2028\u2029]/);
  const [first = "", ...more] = lines.map((line) => line.trimEnd());
  if (first === "" && more.length === 0) return "";
  if (more.length === 0 && indent + first.length + 7 <= columnsMax) return `${pad(indent)}/** ${first} */\n`;
  const body = [first, ...more].map((line) => `${pad(indent)} *${line === "" ? "" : ` ${line}`}\n`);
  return `${pad(indent)}/**\n${body.join("")}${pad(indent)} */\n`;
}

const pad = (indent: number): string => " ".repeat(indent);

/** Names that are no identifiers are quoted. */
function nameText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function afterName(type: TsType, indent: number, name: string): string {
  const text = printType(type, indent, indent + name.length + 1);
  return text.startsWith("\n") ? text : ` ${text}`;
}

/** The type on one line; null when a comment or its layout forbids that. */
function flat(type: TsType): string | null {
  switch (type.kind) {
    case "word":
    case "name":
      return type.text;
    case "list": {
      const item = flat(type.item);
      return item === null ? null : `${grouped(type.item, item)}[]`;
    }
    case "tuple":
      return joined(
        elements(type).map(({ label, type: element }) => prefixed(label, flat(element))),
        ", ",
        ["[", "]"],
      );
    case "record":
      return flatRecord(type);
    case "union":
      return joined(type.of.map(flat), " | ", ["", ""]);
    case "intersection":
      return joined(
        type.of.map((part) => prefixed("", flat(part), part.kind === "union")),
        " & ",
        ["", ""],
      );
  }
}

function flatRecord({ members, index, isBlock }: RecordType): string | null {
  if (members.length === 0 && index === null) return "{}";
  if (isBlock === true || members.some(({ doc }) => doc !== "")) return null;
  const texts = members.map(({ name, isOptional, type }) => {
    const text = flat(type);
    return text === null ? null : `${nameText(name)}${isOptional ? "?" : ""}: ${text}`;
  });
  const rest = index === null ? [] : [flat(index)].map((text) => (text === null ? null : `[key: string]: ${text}`));
  return joined([...texts, ...rest], "; ", ["{ ", " }"]);
}

function joined(
  texts: readonly (string | null)[],
  by: string,
  [open, close]: readonly [string, string],
): string | null {
  return texts.includes(null) ? null : `${open}${texts.join(by)}${close}`;
}

function prefixed(prefix: string, text: string | null, isEnclosed = false): string | null {
  return text === null ? null : `${prefix}${isEnclosed ? `(${text})` : text}`;
}

/**
 * The elements of a tuple with what stands before them. Optional ones have labels, and the rest has none: so an alias
 * may refer to itself in either.
 */
function elements({ items, rest }: TupleType): readonly { readonly label: string; readonly type: TsType }[] {
  const listed = items.map(({ type, isOptional }, index) => ({ label: isOptional ? `item${index}?: ` : "", type }));
  return rest === null ? listed : [...listed, { label: "...", type: { kind: "list", item: rest } }];
}

function grouped(type: TsType, text: string): string {
  return type.kind === "union" || type.kind === "intersection" ? `(${text})` : text;
}

function broken(type: TsType, indent: number): string {
  const inner = indent + 2;
  switch (type.kind) {
    case "word":
    case "name":
      return type.text;
    case "list":
      return `${enclosed(type.item, indent)}[]`;
    case "tuple": {
      const lines = elements(type).map(
        ({ label, type: element }) => `${pad(inner)}${label}${enclosed(element, inner)},\n`,
      );
      return `[\n${lines.join("")}${pad(indent)}]`;
    }
    case "record": {
      const { members, index } = type;
      const name = "[key: string]:";
      const rest = index === null ? "" : `${pad(inner)}${name}${afterName(index, inner, name)};\n`;
      return `{\n${members.map((member) => printMember(member, inner)).join("")}${rest}${pad(indent)}}`;
    }
    case "union":
      return type.of.map((part) => `\n${pad(inner)}| ${printType(part, inner + 2)}`).join("");
    case "intersection":
      return type.of
        .map((part) => (part.kind === "union" ? enclosed(part, indent) : printType(part, indent)))
        .join(" & ");
  }
}

/** In brackets where what follows or stands around would bind closer. */
function enclosed(type: TsType, indent: number): string {
  const text = printType(type, indent);
  return text.startsWith("\n") ? `(${text}\n${pad(indent)})` : grouped(type, text);
}
