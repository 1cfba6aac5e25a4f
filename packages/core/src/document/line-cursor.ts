import type { Place } from "./source-node.js";

/** Thrown where the text leaves the part of YAML that is read here. */
export class NotPlain extends Error {}

/** What takes part in no value at the end of a line. */
const restOfLine = /(?: +#[^\n]*| *)(?:\n|$)/y;
const blankLine = / *(?:#[^\n]*)?\n/y;
export const spaces = / */y;

/** Where a reader stands in a text that it reads line by line. */
export class LineCursor {
  protected readonly text: string;
  protected at = 0;
  private readonly file: string | undefined;
  private line = 1;
  private lineStart = 0;

  constructor(text: string, file: string | undefined) {
    this.text = text;
    this.file = file;
  }

  /** The indentation of the next line of content; null at the end. Blank lines and comments are passed over. */
  protected nextIndent(): number | null {
    while (this.take(blankLine) !== null) this.newLine();
    const indent = (endOf(spaces, this.text, this.at) ?? this.at) - this.at;
    const rest = this.text.charAt(this.at + indent);
    return rest === "" || rest === "#" ? null : indent;
  }

  protected isLineEnd(): boolean {
    const char = this.text.charAt(this.at);
    return char === "" || char === "\n" || (char === "#" && /\s/.test(this.text.charAt(this.at - 1)));
  }

  protected endLine(): void {
    if (this.text.charAt(this.at) === "#" && this.isLineEnd()) this.at -= 1;
    if (this.take(restOfLine) === null) throw new NotPlain();
    if (this.text.charAt(this.at - 1) === "\n") this.newLine();
  }

  private newLine(): void {
    this.line += 1;
    this.lineStart = this.at;
  }

  protected column(): number {
    return this.at - this.lineStart;
  }

  protected place(): Place {
    const { line, file } = this;
    const column = this.column() + 1;
    return file === undefined ? { line, column } : { line, column, file };
  }

  /** Goes behind what the pattern matches here; null when it does not. */
  protected take(pattern: RegExp): string | null {
    const start = this.at;
    const end = endOf(pattern, this.text, start);
    if (end === null) return null;
    this.at = end;
    return this.text.slice(start, end);
  }
}

/** Where a match that begins at `at` ends. */
export function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
