import { describe, expect, test } from "vitest";
import { searchWithSteps } from "./search.js";

const TEXT_MAX = 1_048_576;
const STEPS_MAX = 1_200_000;

/** A text of at most a length, made of whole pieces, with an end that no piece matches. */
const filled = (piece: string, length: number) => `${piece.repeat(Math.floor((length - 1) / piece.length))}!`;

/** Patterns that make a backtracking matcher double its work with each unit, and the piece that does it. */
const linear: readonly (readonly [pattern: string, piece: string])[] = [
  ["(a+)+$", "a"],
  ["(a*)*$", "a"],
  ["(a*)*b", "a"],
  ["((a+)+)+$", "a"],
  ["(((((a*)*)*)*)*)*b", "a"],
  ["(a|a)*$", "a"],
  ["(a|aa)+$", "a"],
  ["(a|a?)+$", "a"],
  ["([a-zA-Z]+)*$", "a"],
  ["(.*a){20}$", "a"],
  ["(.*)*x", "a"],
  ["(.*.*.*.*)=$", "a"],
  ["(x+x+)+y", "x"],
  ["(a?){500}a{400}$", "a"],
  ["(\\w+\\s?)*$", "ab "],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
  ["(\\d+)*[^\\d!]", "1"],
  ["(?:a*?b?)*?c$", "ab"],
  ["(\\b\\w+\\b\\s*)+$", "ab "],
  ["a{1,900}a{1,900}b", "a"],
  [`${"a?".repeat(400)}${"a".repeat(199)}$`, "a"],
  ["^\\s+|\\s+$", " "],
  ["<(.|\\n)*?>", "<"],
  ["\\B(a|b|ab)*\\B$", "ab"],
];

/** Patterns that ask for more places than can be kept in the eye. */
const large: readonly (readonly [pattern: string, piece: string])[] = [
  ["b(a{1,100}){150}", "a"],
  ["b(a?){19000}", "a"],
  ["(b.{0,90}){99}", "ab"],
];

/** Only backtracking can tell what these match. */
const backtracking: readonly (readonly [pattern: string, piece: string])[] = [
  ["(a+)+\\1$", "a"],
  ["(a*)*\\1b", "a"],
  ["(a|a)*\\1$", "a"],
  ["(?=a)(a|a)*$", "a"],
  ["(?=(a+)+b)", "a"],
  ["(?!(a+)+$)x", "a"],
  ["(?<=x(a|a)*)$b", "a"],
  ["(?<!(a+)+b)$c", "a"],
  ["(.+)\\1\\1\\1$", "a"],
  ["((.*)\\2)*x", "a"],
  ["(?<n>a+)(\\k<n>)+x", "a"],
  ["(?:(a)|(a)|(a)|(a)|(a))*\\1x", "a"],
  [`(?:${"(a)?".repeat(150)})*\\1x`, "a"],
  ["(?=(?=(?=(a+)+$)))x", "a"],
];

/** The outcome and its steps; a refusal is one too. */
function outcome(pattern: string, text: string): { readonly at: number | "refused"; readonly steps: number } {
  try {
    return searchWithSteps(text, pattern);
  } catch (error) {
    expect(String(error)).toMatch(/RangeError: a pattern (?:took too many steps|is limited to)/);
    return { at: "refused", steps: STEPS_MAX };
  }
}

describe("a pattern that doubles the work of others takes the same steps however long the text is", () => {
  test.each(linear)("%s", (pattern, piece) => {
    const short = outcome(pattern, filled(piece, 5_000));
    const long = outcome(pattern, filled(piece, TEXT_MAX));

    expect(long.steps).toBe(short.steps);
    expect(long.steps).toBeLessThan(STEPS_MAX);
    expect(long.at).not.toBe("refused");
  });

  test("and finds what there is to be found", () => {
    expect(outcome("(a+)+$", "a".repeat(TEXT_MAX))).toMatchObject({ at: 0 });
    expect(outcome("(x+x+)+y", `${"-".repeat(500_000)}${"x".repeat(500_000)}y`)).toMatchObject({ at: 500_000 });
    expect(outcome("[0-9]+$", `${"1a".repeat(500_000)}42`)).toMatchObject({ at: 1_000_000 });
  });
});

describe("a pattern with thousands of places answers or is refused", () => {
  test.each(large)("%s", (pattern, piece) => {
    for (const length of [100, 50_000, TEXT_MAX]) {
      expect(outcome(pattern, filled(piece, length)).steps).toBeLessThanOrEqual(STEPS_MAX);
    }
  });

  test("sets of places that are ever new are refused, and do not fill the memory", () => {
    const coins = Array.from({ length: 200_000 }, (_, index) =>
      ((index * index * 7) >> 5) % 3 === 0 ? "a" : "b",
    ).join("");

    expect(outcome("[ab]{60}a[ab]*c", coins).at).toBe(-1);
    expect(outcome("c[ab]*a[ab]{60}", coins).steps).toBeLessThanOrEqual(STEPS_MAX);
  });
});

describe("a pattern that has to be tried out is refused when it takes too many steps", () => {
  test.each(backtracking)("%s", (pattern, piece) => {
    for (const length of [30, 1_000, 50_000, TEXT_MAX]) {
      expect(outcome(pattern, filled(piece, length)).steps).toBeLessThanOrEqual(STEPS_MAX);
    }
  });
});

describe("a repetition that would fill the memory is refused", () => {
  test.each(["((((a{99}){99}){99}){99})", "a{1000000000}", "(a|b){1,999999999}", "((a)\\2){99999}", "(|){99999}"])(
    "%s",
    (pattern) => {
      expect(outcome(pattern, "aaa!").at).toBe("refused");
    },
  );

  test("nothing repeated a billion times is nothing", () => {
    expect(outcome("(?:(?:){1000000000}){1000000000}a", "ba")).toMatchObject({ at: 1 });
  });
});

describe("pattern and text have limits that the message names", () => {
  test("up to them everything is searched", () => {
    expect(searchWithSteps("a".repeat(TEXT_MAX), "a".repeat(1_000)).at).toBe(0);
    expect(searchWithSteps("a", `${"(".repeat(499)}${")".repeat(499)}`).at).toBe(0);
  });

  test("beyond them the search is refused", () => {
    expect(() => searchWithSteps("a", "a".repeat(1_001))).toThrow("1000");
    expect(() => searchWithSteps("a".repeat(TEXT_MAX + 1), "a")).toThrow("1048576");
  });
});
