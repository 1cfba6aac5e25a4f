import { afterEach, expect, test, vi } from "vitest";
import { type Codec, registerCodec, registeredCodec } from "./codec.js";

const reversed = (text: string): string => [...text].reverse().join("");
const reversing: Codec = { encode: reversed, decode: reversed };
const place = Symbol.for("hotmesh.codec");

afterEach(() => registerCodec(null));

test("no codec is registered until one is, nor after null", () => {
  const before = registeredCodec();
  registerCodec(reversing);
  const between = registeredCodec();
  registerCodec(null);

  expect([before, between, registeredCodec()]).toEqual([null, reversing, null]);
});

test("registerCodec shares the codec among the copies of this package in a process", async () => {
  registerCodec(reversing);
  vi.resetModules();

  const copy = await import("./codec.js");

  expect(copy.registerCodec).not.toBe(registerCodec);
  expect([copy.registeredCodec(), Reflect.get(globalThis, place)]).toEqual([reversing, reversing]);
  copy.registerCodec(null);
  expect(registeredCodec()).toBeNull();
});

test.each([undefined, "codec", () => reversing, {}, { encode: reversed }, { encode: reversed, decode: 1 }])(
  "registerCodec refuses %o, and what was registered stays",
  (argument) => {
    registerCodec(reversing);

    const register = (): unknown => Reflect.apply(registerCodec, null, [argument]);

    expect(register).toThrow(
      expect.objectContaining({
        kind: "invalid-argument",
        message: "registerCodec expects { encode, decode }, two functions, or null",
      }),
    );
    expect(registeredCodec()).toBe(reversing);
  },
);
