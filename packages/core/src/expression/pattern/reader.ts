/** A cursor over the text of a pattern. */
export class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The unit `ahead` of the cursor, "" behind the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  /** The unit at the cursor, which moves on. */
  next(): string {
    return this.text.charAt(this.at++);
  }

  /** Reads the text when it is next. */
  eat(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Reads what a sticky expression matches here; null when it does not. */
  take(sticky: RegExp): string | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }

  error(problem: string): SyntaxError {
    return new SyntaxError(`bad pattern at ${this.at}: ${problem}`);
  }
}
