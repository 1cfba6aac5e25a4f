import { complement, LINE_ENDS } from "./char-set.js";
import { classOf, escapedUnit, parseClass } from "./class-parser.js";
import { countGroups, type Groups } from "./groups.js";
import type { ParsedPattern, PatternNode } from "./node.js";
import { Reader } from "./reader.js";

interface Parser {
  readonly reader: Reader;
  readonly groups: Groups;
  opened: number;
  needsBacktracking: boolean;
}

const EMPTY: PatternNode = { kind: "empty" };
const ANY: PatternNode = { kind: "set", ranges: complement(LINE_ENDS) };
const QUANTIFIER = /\*|\+|\?|\{(\d+)(,(\d*))?\}/y;

/** Reads an ECMAScript pattern without flags, with the leniency that browsers agreed on; a bad one throws. */
export function parsePattern(text: string): ParsedPattern {
  const parser: Parser = { reader: new Reader(text), groups: countGroups(text), opened: 0, needsBacktracking: false };
  const root = choice(parser);
  if (parser.reader.peek() !== "") throw parser.reader.error("a parenthesis closes nothing");
  return { root, groups: parser.groups.count, needsBacktracking: parser.needsBacktracking };
}

function choice(parser: Parser): PatternNode {
  const nodes = [sequence(parser)];
  while (parser.reader.eat("|")) nodes.push(sequence(parser));
  return nodes.length === 1 ? (nodes[0] ?? EMPTY) : { kind: "choice", nodes };
}

function sequence(parser: Parser): PatternNode {
  const nodes: PatternNode[] = [];
  while (!["", "|", ")"].includes(parser.reader.peek())) nodes.push(term(parser));
  return nodes.length === 1 ? (nodes[0] ?? EMPTY) : { kind: "sequence", nodes };
}

function term(parser: Parser): PatternNode {
  const { reader } = parser;
  const firstGroup = parser.opened + 1;
  const node = assertion(parser) ?? atom(parser);
  if (node.kind === "assert" || (node.kind === "look" && !node.isAhead)) return node;
  return quantified(reader, node, { firstGroup, endGroup: parser.opened + 1 });
}

function quantified(
  reader: Reader,
  node: PatternNode,
  inside: { readonly firstGroup: number; readonly endGroup: number },
): PatternNode {
  const sign = reader.take(QUANTIFIER);
  if (sign === null) return node;
  const [min, max] = bounds(sign);
  if (min > max) throw reader.error("the numbers of a quantifier are out of order");
  return { kind: "repeat", node, min, max, isGreedy: !reader.eat("?"), ...inside };
}

function bounds(sign: string): readonly [number, number] {
  if (sign === "*") return [0, Number.POSITIVE_INFINITY];
  if (sign === "+") return [1, Number.POSITIVE_INFINITY];
  if (sign === "?") return [0, 1];
  const [min = "", max] = sign.slice(1, -1).split(",");
  return [Number(min), max === undefined ? Number(min) : max === "" ? Number.POSITIVE_INFINITY : Number(max)];
}

function assertion(parser: Parser): PatternNode | null {
  const { reader } = parser;
  if (reader.eat("^")) return { kind: "assert", at: "start" };
  if (reader.eat("$")) return { kind: "assert", at: "end" };
  if (reader.eat("\\b")) return { kind: "assert", at: "word-edge" };
  if (reader.eat("\\B")) return { kind: "assert", at: "inside" };
  const sign = reader.take(/\(\?<?[=!]/y);
  if (sign === null) return null;
  parser.needsBacktracking = true;
  const node = closed(parser);
  return { kind: "look", isAhead: !sign.includes("<"), isNegative: sign.endsWith("!"), node };
}

function atom(parser: Parser): PatternNode {
  const { reader } = parser;
  if (reader.eat("(")) return group(parser);
  if (reader.eat("[")) return { kind: "set", ranges: parseClass(reader) };
  if (reader.eat(".")) return ANY;
  if (reader.eat("\\")) return escaped(parser);
  if (reader.take(QUANTIFIER) !== null) throw reader.error("a quantifier has nothing to repeat");
  return unit(reader.next().charCodeAt(0));
}

function group(parser: Parser): PatternNode {
  const { reader } = parser;
  if (reader.eat("?:")) return closed(parser);
  parser.opened += 1;
  const index = parser.opened;
  // The names were read before, together with the count.
  if (reader.peek() === "?" && reader.take(/\?<[^=!>][^>]*>/y) === null) throw reader.error("an unknown kind of group");
  return { kind: "group", index, node: closed(parser) };
}

function closed(parser: Parser): PatternNode {
  const node = choice(parser);
  if (!parser.reader.eat(")")) throw parser.reader.error("a group is not closed");
  return node;
}

function escaped(parser: Parser): PatternNode {
  const { reader, groups } = parser;
  if (reader.peek() === "") throw reader.error("a backslash ends the pattern");
  const ranges = classOf(reader.peek());
  if (ranges !== null) {
    reader.next();
    return { kind: "set", ranges };
  }
  if (groups.names.size > 0 && reader.eat("k")) return namedReference(parser);
  const digits = /[1-9]\d*/y;
  digits.lastIndex = reader.at;
  const index = Number(digits.exec(reader.text)?.[0] ?? "0");
  if (index === 0 || index > groups.count) return unit(escapedUnit(reader));
  reader.take(/\d+/y);
  parser.needsBacktracking = true;
  return { kind: "reference", index };
}

function namedReference(parser: Parser): PatternNode {
  const name = parser.reader.take(/<[^>]+>/y);
  const index = name === null ? undefined : parser.groups.names.get(name.slice(1, -1));
  if (index === undefined) throw parser.reader.error("a reference names no group");
  parser.needsBacktracking = true;
  return { kind: "reference", index };
}

function unit(code: number): PatternNode {
  return { kind: "set", ranges: [code, code] };
}
