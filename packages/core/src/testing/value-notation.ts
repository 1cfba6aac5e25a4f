import { decode } from "./vector-coding.js";

/** One example of a docstring: what a function gives for some inputs. */
export interface Example {
  readonly text: string;
  readonly inputs: readonly unknown[];
  /** `throws` in place of a value. */
  readonly throws: boolean;
  readonly result: unknown;
}

// A text, or one of the values that JSON lacks; a text is matched whole, so that nothing inside it is.
const TOKEN = /"(?:[^"\\]|\\.)*"|Date\(([^)]*)\)|-Infinity|-0(?![\d.])|\b(?:Infinity|NaN|undefined)\b/g;

/**
 * Reads `[inputs] -> result` or `[inputs] -> throws`. Values are JSON, and beyond it `undefined`, `NaN`, `Infinity`,
 * `-Infinity`, `-0`, `Date(2024-02-29T13:45:30.250Z)` and `Date(invalid)`.
 */
export function readExample(text: string): Example {
  const at = text.lastIndexOf(" -> ");
  const inputs = readValue(text.slice(0, at));
  if (at === -1 || !Array.isArray(inputs)) throw new SyntaxError(`no example: ${text}`);
  const result = text.slice(at + " -> ".length);
  const throws = result === "throws";
  return { text, inputs, throws, result: throws ? undefined : readValue(result) };
}

function readValue(text: string): unknown {
  const coded = text.replace(TOKEN, (token, instant: string | undefined) => {
    if (token.startsWith('"')) return token;
    if (instant !== undefined) return JSON.stringify({ $t: "Date", v: instant === "invalid" ? null : instant });
    return JSON.stringify({ $t: token });
  });
  return decode(JSON.parse(coded));
}
