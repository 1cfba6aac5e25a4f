/** A page of documentation as what can be run of it. */
export interface Guide {
  readonly name: string;
  /** The blocks of TypeScript, one after the other. */
  readonly program: string;
  /** What the program prints, as the page says it, line by line. */
  readonly printed: readonly string[];
  /** Documents by the name of the file that their first line gives, `# orchard.yaml`. */
  readonly files: ReadonlyMap<string, string>;
  /** Statements for a database on which the program has run. */
  readonly queries: readonly GuideQuery[];
}

export interface GuideQuery {
  readonly sql: string;
  /** Its rows with ` | ` between the columns, or null when the page does not show them. */
  readonly rows: readonly string[] | null;
}

interface Block {
  readonly language: string;
  readonly code: string;
}

/**
 * Reads a page. Blocks of `ts` are one program; a block of `text` is what the code before it prints, or the rows of the
 * query before it; a block of `yaml` that begins with the name of a file is that file; a block of `sql` is a query.
 */
export function readGuide(name: string, page: string): Guide {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", code = ""]) => ({
    language,
    code,
  }));
  const code = blocks.filter(({ language }) => language === "ts");
  return {
    name,
    program: code.map((block) => block.code).join("\n"),
    printed: code.flatMap((block) => shownAfter(blocks, block) ?? []),
    files: new Map(blocks.filter(({ language }) => language === "yaml").flatMap(fileOf)),
    queries: blocks
      .filter(({ language }) => language === "sql")
      .map((block) => ({ sql: block.code, rows: shownAfter(blocks, block) })),
  };
}

function shownAfter(blocks: readonly Block[], block: Block): readonly string[] | null {
  const next = blocks[blocks.indexOf(block) + 1];
  return next?.language === "text" ? next.code.trimEnd().split("\n") : null;
}

function fileOf({ code }: Block): readonly (readonly [string, string])[] {
  const name = /^# (\S+\.yaml)\n/.exec(code)?.[1];
  return name === undefined ? [] : [[name, code]];
}
