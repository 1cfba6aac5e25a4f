import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lookupFunction } from "./registry.js";

const now = Date.UTC(2024, 4, 1, 10, 7, 30);

function call(name: string, ...inputs: readonly unknown[]): unknown {
  const fn = lookupFunction(name);
  if (fn === undefined) throw new Error(`no function ${name}`);
  return fn(inputs, { now, random: () => 0.5 });
}

describe("dates", () => {
  test.each([
    ["2024-02", Date.UTC(2024, 1)],
    ["2024-02-29T13:45", Date.UTC(2024, 1, 29, 13, 45)],
    ["2024-02-29T13:45Z", Date.UTC(2024, 1, 29, 13, 45)],
    ["2024-02-29T13:45:30.1Z", Date.UTC(2024, 1, 29, 13, 45, 30, 100)],
    ["2024-02-29T13:45:30.123987Z", Date.UTC(2024, 1, 29, 13, 45, 30, 123)],
    ["2024-02-29T13:45-05", Date.UTC(2024, 1, 29, 18, 45)],
    ["2024-02-29T13:45+0530", Date.UTC(2024, 1, 29, 8, 15)],
    ["2024-02-29T24:00:00", Date.UTC(2024, 2, 1)],
    ["+012024-01-01", Date.UTC(12024, 0)],
    ["0050-01-01", new Date(0).setUTCFullYear(50, 0, 1)],
    [1.9, 1],
    [-1.9, -1],
  ])("%j is read", (input, instant) => {
    expect(call("date.getTime", input)).toBe(instant);
  });

  test.each([
    "2023-02-29",
    "2024-13-40",
    "2024-00-10",
    "2024-01-01T25:00",
    "2024-01-01T24:00:01",
    "2024-01-01T10:60",
    "2024-01-01T10:00+24:00",
    "9".repeat(30),
  ])("%s is an invalid date", (input) => {
    expect(call("date.getTime", input)).toBeNaN();
    expect(call("date.setMonth", input, 1)).toBeNaN();
    expect(call("date.toString", input)).toBe("Invalid Date");
    expect(call("date.toJSON", input)).toBeNull();
    expect(() => call("date.toISOXString", input)).toThrow();
  });

  test.each([
    "",
    "2024-2-29",
    "2024/02/29",
    "2024-02T10:00",
    "2024-02-29 10:00",
    "2024-02-29T10",
    " 2024-02-29",
    "1e3",
    {},
    [],
  ])("%j is no date", (input) => {
    expect(() => call("date.getTime", input)).toThrow();
    expect(call("date.parse", input)).toBeNaN();
  });

  test.each([
    ["Thu, 29 Feb 2024 13:45:30 GMT", Date.UTC(2024, 1, 29, 13, 45, 30)],
    ["29 Feb 2024 13:45:30 UTC", Date.UTC(2024, 1, 29, 13, 45, 30)],
    ["Thu, 29 Feb 2024 13:45:30 +0200", Date.UTC(2024, 1, 29, 11, 45, 30)],
    ["Thu, 30 Feb 2024 13:45:30 GMT", Number.NaN],
    ["1709214330250", Number.NaN],
  ])("date.parse reads %s", (text, instant) => {
    expect(call("date.parse", text)).toBe(instant);
  });

  test("setters agree with those of the platform in UTC", () => {
    const setters = ["Milliseconds", "Seconds", "Minutes", "Hours", "Date", "Month", "FullYear"] as const;
    const part = fc.oneof(fc.integer({ min: -50, max: 3_000 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.constantFrom(...setters),
        fc.date({ noInvalidDate: true }),
        fc.array(part, { minLength: 1, maxLength: 6 }),
        (name, date, parts) => {
          const counts = { Milliseconds: 1, Seconds: 2, Minutes: 3, Hours: 4, Date: 1, Month: 2, FullYear: 3 };
          const used = parts.slice(0, counts[name]);
          const expected = Reflect.apply(Date.prototype[`setUTC${name}`], new Date(date), used);

          expect(call(`date.set${name}`, date, ...parts)).toBe(expected);
          expect(call(`date.setUTC${name}`, date.getTime(), ...parts)).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("the zone of the process makes no difference", () => {
    const zone = process.env["TZ"];
    process.env["TZ"] = "Asia/Tokyo";
    const texts = ["date.toString", "date.toDateString", "date.toLocaleString", "date.getHours", "date.setHours"].map(
      (name) => call(name, "2024-02-29T23:00:00", name === "date.toLocaleString" ? undefined : 5),
    );
    const glued = call("string.concat", new Date(0));
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;

    expect(texts).toEqual([
      "Thu Feb 29 2024 23:00:00 GMT+0000 (Coordinated Universal Time)",
      "Thu Feb 29 2024",
      "2/29/2024, 11:00:00 PM",
      23,
      Date.UTC(2024, 1, 29, 5),
    ]);
    expect(glued).toBe("Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)");
  });

  test("the options of a locale text are plain values", () => {
    expect(call("date.toLocaleTimeString", "2024-02-29T10:00", "en-US", { hour12: false })).toBe("10:00:00");
    expect(() => call("date.toLocaleString", 0, "en-US", { month: {} })).toThrow("texts, numbers and booleans");
    expect(() => call("date.toLocaleString", 0, "en-US", null)).toThrow("an object");
    expect(() => call("date.toLocaleString", 0, [5])).toThrow("a locale is a text");
  });

  test("a locale that nobody knows falls back to en-US", () => {
    expect(call("date.toLocaleDateString", "2024-02-29", "xx")).toBe("2/29/2024");
    expect(call("date.toLocaleDateString", "2024-02-29", [])).toBe("2/29/2024");
  });

  test("a year beyond four digits keeps its sign in the compact form", () => {
    expect(call("date.toISOXString", "+012024-01-02")).toBe("+0120240102000000.000");
    expect(call("date.toISOXString", "-000001-01-02")).toBe("-0000010102000000.000");
    expect(call("date.toISOXString", "")).toBe("20240501100730.000");
  });
});

describe("cron", () => {
  const next = (expression: string) => new Date(now + Number(call("cron.nextDelay", expression)) * 1_000).toISOString();

  test.each([
    ["15 * * * * *", "2024-05-01T10:08:15.000Z"],
    ["*/20 30-45/5 11 * * *", "2024-05-01T11:30:00.000Z"],
    ["0 0 13 * FRI", "2024-05-03T00:00:00.000Z"],
    ["0 0 13 * *", "2024-05-13T00:00:00.000Z"],
    ["0 0 29 feb *", "2028-02-29T00:00:00.000Z"],
    ["0 0 15,L 6 *", "2024-06-15T00:00:00.000Z"],
    ["0 6 * * SAT-SUN", "2024-05-04T06:00:00.000Z"],
    ["0 6 * * 5-7", "2024-05-03T06:00:00.000Z"],
    ["5/30 * * * *", "2024-05-01T10:35:00.000Z"],
    ["@hourly", "2024-05-01T11:00:00.000Z"],
    ["@yearly", "2025-01-01T00:00:00.000Z"],
  ])("%s comes next at %s", (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });

  test.each([
    "* * * *",
    "* * * * * * *",
    "60 * * * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "a * * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "1,,2 * * * *",
    "@often",
    "0 0 30 2 *",
  ])("%s throws", (expression) => {
    expect(() => call("cron.nextDelay", expression)).toThrow();
  });

  test("a match in less than five seconds is reported as five", () => {
    expect(call("cron.nextDelay", "32 7 10 * * *")).toBe(5);
  });
});

describe("limits", () => {
  test.each([
    ["string.repeat", ["ab", 524_289]],
    ["string.repeat", ["a", 1e300]],
    ["string.padStart", ["a", 1_048_577]],
    ["string.padEnd", ["a", Number.POSITIVE_INFINITY]],
    ["object.set", [[], 100_001, 1]],
    ["object.assign", [[], { 4294967294: 1 }]],
    ["object.defineProperty", [[], "100001", { value: 1 }]],
    ["array.join", [Array(32).fill("x".repeat(1_000_000))]],
  ])("%s beyond its limit throws", (name, inputs) => {
    expect(() => call(name, ...inputs)).toThrow("limited to");
  });

  test("up to the limit everything works", () => {
    expect(call("string.repeat", "ab", 524_288)).toHaveLength(1_048_576);
    expect(call("string.padStart", "a", 1_048_576)).toHaveLength(1_048_576);
    expect(call("object.set", [], 100_000, 1)).toHaveLength(100_001);
    expect(call("object.set", Array(200_000).fill(0), 200_000, 1)).toHaveLength(200_001);
    expect(call("string.repeat", "", 1e300)).toBe("");
  });

  test("lists of any length can be added and compared", () => {
    const list = Array.from({ length: 300_000 }, (_, index) => index);

    expect(call("math.max", list)).toBe(299_999);
    expect(call("math.add", list)).toBe(44_999_850_000);
    expect(call("math.hypot", Array(10_000).fill(1))).toBeCloseTo(100, 8);
  });
});

describe("conversions are JavaScript's", () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer({ min: -9, max: 99 }),
    fc.constantFrom<unknown>(null, undefined, true, false, "", " ", "7", "07", "x", "Infinity", "-0x1", "1e3"),
    fc.array(fc.constantFrom<unknown>(1, "2", null, "x"), { maxLength: 2 }),
  );
  const operators: readonly [string, (a: never, b: never) => unknown][] = [
    ["conditional.less_than", (a, b) => a < b],
    ["conditional.greater_than_or_equal", (a, b) => a >= b],
    // biome-ignore lint/suspicious/noDoubleEquals: this is the operator that is compared with.
    ["conditional.equality", (a, b) => a == b],
    ["bitwise.xor", (a, b) => a ^ b],
    ["math.pow", (a, b) => a ** b],
    ["unary.negative", (a) => -a],
  ];

  test.each(operators)("%s", (name, operator) => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const expected = operator(a as never, b as never);
        expect(call(name, a, b)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe("copies", () => {
  test("a frozen copy is frozen and its source is not", () => {
    const source = { a: { b: 1 } };
    const frozen = call("object.freeze", source);

    expect(Object.isFrozen(frozen)).toBe(true);
    expect(Object.isFrozen(source)).toBe(false);
    expect(call("object.set", frozen, "c", 2)).toEqual({ a: { b: 1 }, c: 2 });
  });

  test("accessors cannot be defined", () => {
    expect(() => call("object.defineProperty", {}, "x", { get: undefined })).toThrow("accessors");
  });

  test("the length of a list can be set as far as its positions", () => {
    expect(call("object.set", [1, 2, 3], "length", 1)).toEqual([1]);
    expect(() => call("object.set", [], "length", 100_001)).toThrow("100000");
    expect(() => call("object.defineProperty", [], "length", { value: 5 })).toThrow("length");
  });

  test("a copy of a Date is a Date", () => {
    expect(call("object.freeze", new Date(5))).toEqual(new Date(5));
  });

  test("nothing inherited is taken for a descriptor's attribute", () => {
    const descriptor: unknown = JSON.parse('{"__proto__": {"enumerable": true}, "value": 1}');

    expect(Object.keys(Object(call("object.defineProperty", {}, "x", descriptor)))).toEqual([]);
  });
});
