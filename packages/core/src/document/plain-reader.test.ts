import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseWithLibrary } from "./parse-document.js";
import { readPlain } from "./plain-reader.js";
import type { SourceNode } from "./source-node.js";

const plainly = (text: string): SourceNode | null =>
  readPlain(text, { file: "a.yaml", scalar: (word) => parseWithLibrary(word).root });

function expectAgreement(text: string): void {
  const root = plainly(text);

  if (root !== null) expect({ root, problems: [] }).toEqual(parseWithLibrary(text, "a.yaml"));
}

/** Words and marks that YAML gives a meaning, and some that it does not. */
const pieces = [
  ...["a", "b", "a: ", "b: ", "'c': ", '"d": ', "a:", "- ", "-", "- a: ", "1", "-1", "0x1f", "1.5", "5m", "2024-01-02"],
  ...["null", "~", "True", "no", "'it''s'", '"q\\n\\u00e9"', "'", '"', "{", "}", "[", "]", ", ", ",", ":", ": ", "a:b"],
  ...[
    "#",
    " # c",
    "# c\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "\n  b: ",
    "\n\n",
    " ",
    "&x ",
    "*x",
    "!!str ",
    "|\n",
  ],
  ...[
    "? ",
    "<<: ",
    "---\n",
    "...\n",
    "%a",
    "@a",
    "`",
    "http://x/y",
    "é",
    "\u00a0",
    "\u2028",
    ".",
    "(a)",
    "$a",
    "{a.b}",
  ],
];

describe("what the plain reader reads, the YAML library reads to the same nodes and places", () => {
  test("in texts made of pieces of YAML", () => {
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""));

    fc.assert(fc.property(texts, expectAgreement), { numRuns: 4_000 });
  });

  test("in maps whose values are made of pieces of YAML", () => {
    const value = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    const texts = fc.array(value, { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(texts, (values) => {
        expectAgreement(values.map((text, index) => `k${index}: ${text}\n`).join(""));
        expectAgreement(values.map((text) => `- ${text}\n`).join(""));
        expectAgreement(`a:\n${values.map((text, index) => `  k${index}: ${text}\n`).join("")}`);
        expectAgreement(`a: { ${values.map((text, index) => `k${index}: ${text}`).join(", ")} }\n`);
        expectAgreement(`a: [ ${values.join(",\n  ")} ]\n`);
      }),
      { numRuns: 2_000 },
    );
  });

  test("in JSON, with and without line breaks", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expectAgreement(JSON.stringify(value, null, indent));
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ["maps and lists", "a:\n  b: 1 # one\n\n  # c\n  c:\n  - x: [1, 'two']\n    y: { z: \"3\" }\n  - - 4\n"],
  ["lists below their key", "a:\n- b\n- c: d\n  e: f\ng: h\n"],
  ["a bracket over several lines", "a: {\n  b: [ 1,\n    2 ], # two\n  c: d }\n"],
  ["JSON", '{\n  "a": [1, -2.5, true, null],\n  "b\\n": { "c": "\\u00e9" }\n}\n'],
  ["texts of many kinds", "a: it's {b} [c], d:e #f\nb: http://x/y?z=1#w\nc: 5m\nd: 2024-01-02\ne: ~\nf: -0\n503: x\n"],
])("%s are read plainly", (_what, text) => {
  expect({ root: plainly(text), problems: [] }).toEqual(parseWithLibrary(text, "a.yaml"));
});

test.each([
  ["an anchor", "a: &b c"],
  ["a block text", "a: |\n  b\n"],
  ["a text over two lines", "a: b\n  c\n"],
  ["a missing value", "a:\nb: c\n"],
  ["a key twice", "a: 1\na: 2\n"],
  ["a merge key", "<<: { a: 1 }"],
  ["a second document", "a: 1\n---\nb: 2\n"],
  ["a tab", "a:\tb\n"],
  ["a bracket that is not closed", "a: [1\n"],
  ["nothing", "# nothing\n"],
])("%s is left to the library", (_what, text) => {
  expect(plainly(text)).toBeNull();
});
