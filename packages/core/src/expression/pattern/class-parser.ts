import { BLANKS, complement, DIGITS, pairsOf, type Ranges, union, WORDS } from "./char-set.js";
import type { Reader } from "./reader.js";

/** `\d`, `\D`, `\w`, `\W`, `\s`, `\S` by their letter. */
export function classOf(letter: string): Ranges | null {
  switch (letter) {
    case "d":
      return DIGITS;
    case "D":
      return complement(DIGITS);
    case "w":
      return WORDS;
    case "W":
      return complement(WORDS);
    case "s":
      return BLANKS;
    case "S":
      return complement(BLANKS);
    default:
      return null;
  }
}

const CONTROLS = new Map([
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

/**
 * The unit behind a backslash that has been read, for all escapes that mean a single unit. Escapes that are cut short
 * stand for their own letter, as in JavaScript without the flag u.
 */
export function escapedUnit(reader: Reader): number {
  const hex = reader.take(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y);
  if (hex !== null) return Number.parseInt(hex.slice(1), 16);
  const control = reader.take(/c[a-zA-Z]/y);
  if (control !== null) return control.charCodeAt(1) % 32;
  // A backslash before a c that is no control escape is itself; the c follows as an ordinary unit.
  if (reader.peek() === "c") return 0x5c;
  const octal = reader.take(/[0-3][0-7]{0,2}|[4-7][0-7]?/y);
  if (octal !== null) return Number.parseInt(octal, 8);
  const letter = reader.next();
  return CONTROLS.get(letter) ?? letter.charCodeAt(0);
}

/** The class whose `[` has been read, up to and including its `]`. */
export function parseClass(reader: Reader): Ranges {
  const isNegated = reader.eat("^");
  const pairs: [number, number][] = [];
  while (!reader.eat("]")) {
    const from = classAtom(reader);
    if (reader.peek() !== "-" || reader.peek(1) === "]" || reader.peek(1) === "") {
      pairs.push(...asPairs(from));
      continue;
    }
    reader.next();
    const to = classAtom(reader);
    if (typeof from === "number" && typeof to === "number") {
      if (from > to) throw reader.error("a range in a class is out of order");
      pairs.push([from, to]);
    } else {
      // `[\w-a]`: no range, but the class, the dash and the unit.
      pairs.push(...asPairs(from), [0x2d, 0x2d], ...asPairs(to));
    }
  }
  const ranges = union(pairs);
  return isNegated ? complement(ranges) : ranges;
}

function asPairs(atom: number | Ranges): [number, number][] {
  return typeof atom === "number" ? [[atom, atom]] : pairsOf(atom);
}

function classAtom(reader: Reader): number | Ranges {
  const unit = reader.next();
  if (unit === "") throw reader.error("a class is not closed");
  if (unit !== "\\") return unit.charCodeAt(0);
  if (reader.peek() === "") throw reader.error("a backslash ends the pattern");
  const ranges = classOf(reader.peek());
  if (ranges !== null) {
    reader.next();
    return ranges;
  }
  if (reader.eat("b")) return 0x08;
  // Inside a class digits and _ make control escapes too.
  const control = reader.take(/c[0-9_]/y);
  return control === null ? escapedUnit(reader) : control.charCodeAt(1) % 32;
}
