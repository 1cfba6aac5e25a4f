import { type Example, readExample } from "./value-notation.js";

/** The docstring of one function of the catalogue, as its source has it. */
export interface Docstring {
  /** `namespace.name`. */
  readonly name: string;
  /** The types of the parameters by their names, in order; a rest parameter begins with `...`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly result: string;
  readonly prose: string;
  readonly examples: readonly Example[];
}

/** The instant and the random number that the examples are written for. */
export const EXAMPLE_CONTEXT = { now: 1_714_558_050_000, random: () => 0.5 } as const;

const MEMBER = /^ {2}\/\*\*\n((?: {3}\*.*\n)+) {3}\*\/\n {2}(\w+)[:,]/gm;
const FORM = /^`\(([^`]*)\) => ([^`]+)` (\S.*)$/;
const PARAMETER = /^((?:\.\.\.)?\w+)\??: ([^:]+)$/;

/**
 * Reads the docstrings of a source file of functions. Their form: the signature in backticks, in words, then lines of
 * `@example [inputs] -> result`. The namespace is the file's name up to its first dash.
 */
export function readDocstrings(file: string, source: string): readonly Docstring[] {
  const namespace = file.replace(/(-.*)?\.ts$/, "");
  return [...source.matchAll(MEMBER)].map(([, lines = "", name = ""]) => {
    const text = lines.replace(/^ {3}\* ?/gm, "").trim();
    return docstring(`${namespace}.${name}`, text);
  });
}

function docstring(name: string, text: string): Docstring {
  const [described = "", ...examples] = text.split(/\n@example /);
  const [, parameters, result = "", prose = ""] = FORM.exec(described.replaceAll("\n", " ")) ?? [];
  if (parameters === undefined) throw new SyntaxError(`the docstring of ${name} does not begin with its signature`);
  return { name, parameters: parametersOf(name, parameters), result, prose, examples: examples.map(readExample) };
}

function parametersOf(name: string, text: string): ReadonlyMap<string, string> {
  const parts = text === "" ? [] : text.split(", ");
  return new Map(
    parts.map((part) => {
      const [, parameter, type] = PARAMETER.exec(part) ?? [];
      if (parameter === undefined || type === undefined) throw new SyntaxError(`${name}: no parameter: ${part}`);
      return [parameter, type];
    }),
  );
}
