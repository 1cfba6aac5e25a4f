import { HotMeshError, type Json } from "@hotmesh/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Codec, registerCodec } from "./codec.js";
import {
  asStored,
  documentText,
  documentTextOrNull,
  documentTextWith,
  isCodecError,
  nestedText,
  openedObject,
  openedText,
  openerOf,
} from "./encoded.js";

const reversed = (text: string): string => [...text].reverse().join("");
const reversing: Codec = { encode: reversed, decode: reversed };

/** What stands for a value in the store. */
const sealed = (value: Json): Json => ({ $hotmesh: "codec", v: reversed(JSON.stringify(value)) });
const stored = (document: Json): Json => JSON.parse(documentText(document));
const readBack = (text: string): Json => openerOf(text)(JSON.parse(text));
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return thrown;
  }
  return expect.fail("nothing was thrown");
}

afterEach(() => registerCodec(null));

/** Values that look like one of the two stored forms, or nearly so. */
const lookalikes: readonly Json[] = [
  { $hotmesh: "codec", v: "text" },
  { $hotmesh: "codec", v: 1 },
  { $hotmesh: "codec-clear", v: { a: 1 } },
  { $hotmesh: "codec-clear", v: { $hotmesh: "codec", v: "text" } },
  { a: { $hotmesh: "codec", v: { $hotmesh: "codec-clear", v: [] } } },
  [{ $hotmesh: "codec", v: "text" }, [{ $hotmesh: "codec-clear", v: null }]],
  { v: "text", $hotmesh: "codec" },
  { $hotmesh: "codec", v: "text", w: 1 },
  { $hotmesh: "codec" },
];

describe("with a codec", () => {
  beforeEach(() => registerCodec(reversing));

  test("each object and each list of a document is encoded as a whole", () => {
    const boat = { name: "Ida", crew: [{ name: "Jo" }] };

    expect(stored({ boat, ports: ["Bergen", ["Oslo"]], empty: {} })).toEqual({
      boat: sealed(boat),
      ports: sealed(["Bergen", ["Oslo"]]),
      empty: sealed({}),
    });
  });

  test("scalars of a document stay", () => {
    const document = { text: "{}", number: 1.5, yes: true, no: false, nothing: null };

    expect(stored(document)).toEqual(document);
  });

  test("dates and special numbers stay", () => {
    const document = {
      at: { $hotmesh: "date", v: 1_780_000_000_000 },
      never: { $hotmesh: "date", v: null },
      none: { $hotmesh: "number", v: "NaN" },
      most: { $hotmesh: "number", v: "Infinity" },
      least: { $hotmesh: "number", v: "-Infinity" },
    };

    expect(stored(document)).toEqual(document);
  });

  test.each<Json>([
    { $hotmesh: "date", v: "secret" },
    { $hotmesh: "number", v: 7 },
    { $hotmesh: "number", v: "NaN and more" },
  ])("%j is no date and no number, and is encoded", (value) => {
    expect(stored({ value })).toEqual({ value: sealed(value) });
  });

  test("a date inside of a value is encoded with it", () => {
    const value = { at: { $hotmesh: "date", v: 5 } };

    expect(stored({ value })).toEqual({ value: sealed(value) });
  });

  test("a document that is a list is one value", () => {
    expect(stored([1, { a: 2 }])).toEqual(sealed([1, { a: 2 }]));
  });

  test.each<Json>(["text", 7, true, null])("a document that is the scalar %j stays", (document) => {
    expect(stored(document)).toEqual(document);
  });

  test("no document is stored as null, and not as its text", () => {
    expect([documentTextOrNull(null), documentTextOrNull([])]).toEqual([null, JSON.stringify(sealed([]))]);
  });

  test("of a document that SQL looks into only the named member is encoded", () => {
    const document = { data: { a: 1 }, ids: [1], at: { b: 2 } };

    expect(JSON.parse(documentTextWith(document, "data"))).toEqual({ ...document, data: sealed({ a: 1 }) });
  });

  test("a document that SQL looks into stays when the named member is not there", () => {
    const document = { ids: [1] };

    expect(documentTextWith(document, "data")).toBe(JSON.stringify(document));
  });

  test("text inside of another document is encoded as a document and opened as text", () => {
    const text = JSON.stringify({ a: { b: 1 }, c: 2 });

    const nested = nestedText(text);

    expect(JSON.parse(nested)).toEqual({ a: sealed({ b: 1 }), c: 2 });
    expect(openedText(nested, openerOf(nested))).toBe(text);
  });

  test("what was encoded comes back", () => {
    const document = {
      boat: { name: "Ida", crew: [null, 1, "x"] },
      list: [[[]]],
      at: { $hotmesh: "date", v: 5 },
      n: 1,
    };

    expect(readBack(documentText(document))).toEqual(document);
  });

  test("encoded values are opened wherever a result has them", () => {
    const text = JSON.stringify([{ rows: [{ data: sealed({ a: 1 }) }], other: sealed([2]) }]);

    expect(readBack(text)).toEqual([{ rows: [{ data: { a: 1 } }], other: [2] }]);
  });

  test("values that were stored without a codec stay readable", () => {
    registerCodec(null);
    const document = { boat: { name: "Ida" }, like: { $hotmesh: "codec", v: "text" }, list: [1] };
    const older = documentText(document);
    registerCodec(reversing);

    expect(readBack(older)).toEqual(document);
  });

  test.each(lookalikes)("the user's value %j comes back unchanged", (value) => {
    expect(readBack(documentText(value))).toEqual(value);
    expect(readBack(documentText({ value }))).toEqual({ value });
  });

  test("a document of the user that looks like an encoded value is wrapped", () => {
    expect(stored({ $hotmesh: "codec", v: { a: 1 } })).toEqual({
      $hotmesh: "codec-clear",
      v: { $hotmesh: "codec", v: sealed({ a: 1 }) },
    });
  });

  test("a user's value that looks encoded is never given to decode", () => {
    const decode = vi.fn(reversed);
    registerCodec({ encode: reversed, decode });

    readBack(documentText({ value: { $hotmesh: "codec", v: "of the user" } }));

    expect(decode.mock.calls).toEqual([[reversed('{"$hotmesh":"codec","v":"of the user"}')]]);
  });

  test("encode gets the JSON text of a value, once", () => {
    const encode = vi.fn(reversed);
    registerCodec({ encode, decode: reversed });

    documentText({ a: { b: [1] }, c: 2 });

    expect(encode.mock.calls).toEqual([['{"b":[1]}']]);
  });
});

describe("without a codec", () => {
  test("text passes through untouched", () => {
    const document = { boat: { name: "Ida" }, list: [1, { $hotmesh: "date", v: 5 }] };
    const text = JSON.stringify(document);

    expect([documentText(document), documentTextWith(document, "boat"), nestedText(text)]).toEqual([text, text, text]);
    expect(nestedText("{ not even JSON")).toBe("{ not even JSON");
  });

  test("a result in which nothing is marked is not looked at", () => {
    expect(openerOf('{"a":{"b":1}}')).toBe(asStored);
    expect(openedText("{ not even JSON", openerOf('{"$hotmesh":"date","v":5}'))).toBe("{ not even JSON");
  });

  test.each(lookalikes)("the user's value %j comes back unchanged", (value) => {
    expect(readBack(documentText(value))).toEqual(value);
    const nested = nestedText(JSON.stringify(value));
    expect(openedText(nested, openerOf(nested))).toBe(JSON.stringify(value));
  });

  test("an encoded value is codec-missing, with what to do", () => {
    const thrown = thrownBy(() => readBack(JSON.stringify({ boat: sealed({ name: "Ida" }) })));

    expect(isCodecError(thrown)).toBe(true);
    expect(thrown).toMatchObject({
      kind: "codec-missing",
      message: expect.stringContaining("register the one that wrote it, with HotMesh.registerCodec, before init"),
    });
  });
});

describe("a codec that fails", () => {
  const broken = new TypeError("no key");
  const failing = (): never => {
    throw broken;
  };

  test("on encode is codec-failed, with its cause", () => {
    registerCodec({ encode: failing, decode: reversed });

    const thrown = thrownBy(() => documentText({ a: {} }));

    expect(isCodecError(thrown)).toBe(true);
    expect(thrown).toMatchObject({
      kind: "codec-failed",
      message: "The registered codec could not encode a value: no key",
      cause: broken,
    });
  });

  test("on decode is codec-failed, with its cause", () => {
    registerCodec({ encode: reversed, decode: failing });

    const thrown = thrownBy(() => readBack(documentText({ a: {} })));

    expect(isCodecError(thrown)).toBe(true);
    expect(thrown).toMatchObject({
      kind: "codec-failed",
      message: "The registered codec could not decode a value: no key",
      cause: broken,
    });
  });

  test("by decoding to what is no JSON is codec-failed", () => {
    registerCodec({ encode: reversed, decode: () => "{" });

    expect(thrownBy(() => readBack(documentText({ a: {} })))).toMatchObject({
      kind: "codec-failed",
      message: expect.stringContaining("could not decode a value"),
    });
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["object", Promise.resolve("text")],
  ])("by returning %s in place of text is codec-failed", (name, returned) => {
    const codec: Codec = { encode: reversed, decode: reversed };
    registerCodec(Object.assign(codec, { encode: () => returned }));
    const encoding = thrownBy(() => documentText({ a: {} }));
    registerCodec(Object.assign(codec, { decode: () => returned }));
    const decoding = thrownBy(() => readBack(JSON.stringify(sealed({}))));

    expect([encoding, decoding]).toMatchObject(
      ["encode", "decode"].map((what) => ({
        kind: "codec-failed",
        message: `The registered codec's ${what} returned ${name}; expected a string, synchronously`,
      })),
    );
  });

  test("is told from other errors", () => {
    expect([new HotMeshError("invalid-argument", "x"), broken, null].map(isCodecError)).toEqual([false, false, false]);
  });
});

test("what was opened and is no object is an empty one", () => {
  registerCodec(reversing);
  const text = documentText([1]);

  expect([openedObject(JSON.parse(text), openerOf(text)), openedObject({ a: 1 }, asStored)]).toEqual([{}, { a: 1 }]);
});
