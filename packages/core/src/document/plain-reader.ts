import { endOf, LineCursor, NotPlain, spaces } from "./line-cursor.js";
import type { SourceEntry, SourceNode } from "./source-node.js";

type Scalar = Extract<SourceNode, { readonly kind: "scalar" }>;

/** So many words the library explains one by one; in a document with more of them it is quicker at once. */
const askedMax = 1_000;
/** Deeper documents are left to the library, whose guards are made for them. */
const depthMax = 100;

const keyWord = /[A-Za-z0-9_$][A-Za-z0-9_$.@/+()-]*(?= *:(?:[ \n]|$))/y;
const singleQuoted = /'(?:[^'\n]|'')*'/y;
const doubleQuoted = /"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"/y;
/** A plain scalar ends before a comment; a colon inside belongs to it only when text follows at once. */
const blockWord = /(?:[\p{L}0-9_$(/~.]|-(?=[A-Za-z0-9]))(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#:]|:\S))*/uy;
const flowWord = /(?:[\p{L}0-9_$(/~.]|-(?=[A-Za-z0-9]))(?:[^\s:#,[\]{}'"]|:(?=[^\s,[\]{}])| +(?=[^\s:#,[\]{}'"]))*/uy;
const colon = / *:/y;
const colonBeforeBlank = / *:(?=[ \n]|$)/y;
const number = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,14})\.\d{1,15})$/;
const commentAtStart = /(?: *(?:#[^\n]*)?\n)*#/y;

/** Tabs, carriage returns and other controls mean something in YAML, or are forbidden. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const control = /[\u0000-\u0009\u000b-\u001f\u007f\ufeff]/;

export interface PlainOptions {
  readonly file: string | undefined;
  /** What a plain scalar means that begins like a number; null when it is none after all. */
  readonly scalar: (text: string) => SourceNode | null;
}

/**
 * Reads the part of YAML that almost every document is written in, JSON included: maps and lists by indentation or in
 * brackets, scalars on one line, comments. Null when the text holds anything else, or anything wrong: then the library
 * has to read it. What is read here, the library reads to the same nodes and places, only slower, because it keeps
 * every token: 96 KB took it 690 ms of CPU time and 50 MB in a new process and 230 ms in a warm one, and this reader
 * 65 ms, 11 MB and 13 ms (two busy cores, Node 20).
 */
export function readPlain(text: string, options: PlainOptions): SourceNode | null {
  if (control.test(text)) return null;
  try {
    return new PlainReader(text, options).document();
  } catch (thrown) {
    if (thrown instanceof NotPlain) return null;
    throw thrown;
  }
}

class PlainReader extends LineCursor {
  private readonly options: PlainOptions;
  private depth = 0;
  private asked = 0;

  constructor(text: string, options: PlainOptions) {
    super(text, options.file);
    this.options = options;
  }

  document(): SourceNode {
    const indent = this.nextIndent();
    if (indent === null) throw new NotPlain();
    this.at += indent;
    const root = this.value(-1, true);
    if (this.nextIndent() !== null) throw new NotPlain();
    return root;
  }

  /** The value that begins here, in a block whose parent is indented by `outer`. It ends with its line. */
  private value(outer: number, mayBeMap: boolean): SourceNode {
    const char = this.text.charAt(this.at);
    if (char === "{" || char === "[") {
      const node = this.flow(outer);
      this.endLine();
      return node;
    }
    if (mayBeMap && this.isEntry()) return this.list(this.column());
    if (mayBeMap && this.isKey()) return this.map(this.column());
    const node = this.scalar(blockWord);
    this.endLine();
    return node;
  }

  private map(indent: number): SourceNode {
    this.descend();
    const at = this.place();
    const entries = new Map<string, SourceEntry>();
    do {
      const key = this.key();
      entries.set(this.keyText(key, entries), { key: key.at, value: this.behindColon(indent) });
    } while (this.goesOnAt(indent));
    this.depth -= 1;
    return { kind: "map", at, entries };
  }

  private behindColon(indent: number): SourceNode {
    this.take(spaces);
    if (!this.isLineEnd()) return this.value(indent, false);
    this.endLine();
    const inner = this.nextIndent();
    // A list may stand right below its key.
    const isList = inner === indent && this.isEntry(this.at + indent);
    if (inner === null || (inner <= indent && !isList)) throw new NotPlain();
    this.at += inner;
    return isList ? this.list(inner) : this.nested(inner);
  }

  private list(indent: number): SourceNode {
    this.descend();
    const at = this.place();
    const items: SourceNode[] = [];
    do {
      if (!this.isEntry()) throw new NotPlain();
      this.at += 1;
      this.take(spaces);
      items.push(this.isLineEnd() ? this.below(indent) : this.value(indent, true));
    } while (this.goesOnAt(indent, true));
    this.depth -= 1;
    return { kind: "list", at, items };
  }

  private below(indent: number): SourceNode {
    this.endLine();
    const inner = this.nextIndent();
    if (inner === null || inner <= indent) throw new NotPlain();
    this.at += inner;
    return this.nested(inner);
  }

  /** A value on a line of its own: only lists and maps, because a scalar there may go on in the next line. */
  private nested(indent: number): SourceNode {
    if (this.isEntry()) return this.list(indent);
    if (this.isKey()) return this.map(indent);
    throw new NotPlain();
  }

  /** Whether the next line of content is one more entry; if so, it is gone to. */
  private goesOnAt(indent: number, isList = false): boolean {
    const next = this.nextIndent();
    if (next === null || next < indent) return false;
    if (next > indent) throw new NotPlain();
    if (isList && !this.isEntry(this.at + next)) return false;
    this.at += next;
    return true;
  }

  private flow(outer: number): SourceNode {
    this.descend();
    const at = this.place();
    const isMap = this.text.charAt(this.at) === "{";
    const close = isMap ? "}" : "]";
    const entries = new Map<string, SourceEntry>();
    const items: SourceNode[] = [];
    this.at += 1;
    this.skipInFlow(outer);
    while (this.text.charAt(this.at) !== close) {
      if (isMap) this.flowEntry(entries, outer);
      else items.push(this.flowValue(outer));
      this.skipInFlow(outer);
      if (this.text.charAt(this.at) === ",") {
        this.at += 1;
        this.skipInFlow(outer);
      } else if (this.text.charAt(this.at) !== close) {
        throw new NotPlain();
      }
    }
    this.at += 1;
    this.depth -= 1;
    return isMap ? { kind: "map", at, entries } : { kind: "list", at, items };
  }

  private flowEntry(entries: Map<string, SourceEntry>, outer: number): void {
    const key = this.scalar(flowWord);
    const isQuoted = /['"]/.test(this.text.charAt(this.at - 1));
    if (this.take(isQuoted ? colon : colonBeforeBlank) === null) throw new NotPlain();
    const text = this.keyText(key, entries);
    this.skipInFlow(outer);
    entries.set(text, { key: key.at, value: this.flowValue(outer) });
  }

  private flowValue(outer: number): SourceNode {
    const char = this.text.charAt(this.at);
    return char === "{" || char === "[" ? this.flow(outer) : this.scalar(flowWord);
  }

  /** Blanks, comments and line ends; inside brackets too every line is indented by more than the block around them. */
  private skipInFlow(outer: number): void {
    this.take(spaces);
    while (this.isLineEnd() && this.at < this.text.length) {
      this.endLine();
      // The library refuses some comments that begin a line inside brackets: it is left to say which.
      if (endOf(commentAtStart, this.text, this.at) !== null) throw new NotPlain();
      const indent = this.nextIndent();
      if (indent === null || indent <= outer) throw new NotPlain();
      this.at += indent;
    }
  }

  private key(): Scalar {
    const at = this.place();
    const word = this.take(keyWord);
    const key: Scalar = word === null ? this.scalar(blockWord) : { kind: "scalar", at, value: this.meaning(word) };
    if (this.take(colonBeforeBlank) === null) throw new NotPlain();
    return key;
  }

  /** Keys are texts, each stands in its map once, and YAML wants the colon within 1024 characters. */
  private keyText(key: Scalar, entries: ReadonlyMap<string, SourceEntry>): string {
    const text = String(key.value);
    if (entries.has(text) || this.column() - key.at.column > 1_000) throw new NotPlain();
    return text;
  }

  private scalar(word: RegExp): Scalar {
    const at = this.place();
    const char = this.text.charAt(this.at);
    return { kind: "scalar", at, value: char === "'" || char === '"' ? this.quoted(char) : this.plain(word) };
  }

  private quoted(mark: string): string {
    const written = this.take(mark === "'" ? singleQuoted : doubleQuoted);
    if (written === null) throw new NotPlain();
    const inner = written.slice(1, -1);
    if (mark === "'") return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
    return inner.includes("\\") ? String(JSON.parse(written)) : inner;
  }

  private plain(word: RegExp): null | boolean | number | string {
    const written = this.take(word);
    if (written === null) throw new NotPlain();
    return this.meaning(written);
  }

  private meaning(word: string): null | boolean | number | string {
    if (/^(?:[\p{L}_$(/]|\.\.?\/)/u.test(word)) return named(word);
    if (number.test(word)) return Number(word);
    this.asked += 1;
    const isForLibrary = this.asked <= askedMax && !/^\.|^-\D/.test(word);
    const node = isForLibrary ? this.options.scalar(word) : null;
    if (node?.kind !== "scalar") throw new NotPlain();
    return node.value;
  }

  private isEntry(at = this.at): boolean {
    return this.text.charAt(at) === "-" && /[ \n]/.test(this.text.charAt(at + 1));
  }

  /** Whether the scalar that begins here is the key of a map. Looks ahead, and stays. */
  private isKey(): boolean {
    const char = this.text.charAt(this.at);
    if (char !== "'" && char !== '"') return endOf(keyWord, this.text, this.at) !== null;
    const quoted = endOf(char === "'" ? singleQuoted : doubleQuoted, this.text, this.at);
    return quoted !== null && endOf(colonBeforeBlank, this.text, quoted) !== null;
  }

  private descend(): void {
    this.depth += 1;
    if (this.depth > depthMax) throw new NotPlain();
  }
}

/** The words of the core schema. */
function named(word: string): null | boolean | string {
  if (/^(?:null|Null|NULL)$/.test(word)) return null;
  if (/^(?:true|True|TRUE)$/.test(word)) return true;
  return /^(?:false|False|FALSE)$/.test(word) ? false : word;
}
