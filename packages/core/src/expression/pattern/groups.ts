/** The capturing groups of a pattern, known before it is read: what `\2` means depends on their number. */
export interface Groups {
  readonly count: number;
  readonly names: ReadonlyMap<string, number>;
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

export function countGroups(text: string): Groups {
  const names = new Map<string, number>();
  let count = 0;
  // Escapes and classes are skipped whole, so that a parenthesis in them does not count.
  for (const [token] of text.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]?|\((?:\?<(?![=!])[^>]*>?|\?)?/g)) {
    if (!token.startsWith("(") || token === "(?") continue;
    count += 1;
    if (token === "(") continue;
    const name = token.slice(3, -1);
    if (!token.endsWith(">") || !NAME.test(name)) throw new SyntaxError("bad pattern: a group has a bad name");
    if (names.has(name)) throw new SyntaxError(`bad pattern: two groups are called ${name}`);
    names.set(name, count);
  }
  return { count, names };
}
