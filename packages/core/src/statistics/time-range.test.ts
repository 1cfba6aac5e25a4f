import { describe, expect, test } from "vitest";
import { instant } from "../brand.js";
import { type RangeInput, sliceTime, timeRange } from "./time-range.js";

const now = instant(Date.parse("2026-11-22T16:07:30Z"));
const slices = (input: RangeInput, granularity = "5m"): readonly string[] => {
  const { from, to } = timeRange(input, granularity, now);
  return [from, to];
};

describe("a time range", () => {
  test.each([
    [{ start: "2026-11-22T10:00Z", range: "90m" }, "202611221000", "202611221125"],
    [{ end: "2026-11-22T10:00Z", range: "2h" }, "202611220800", "202611220955"],
    [{ start: "2026-11-21", end: "2026-11-22" }, "202611210000", "202611212355"],
    [{ start: "2026-11-22T10:03:59", range: "1d" }, "202611221000", "202611231000"],
    [{ start: "2026-11-22T10:00:00+01:00", end: "2026-11-22T09:00:01Z" }, "202611220900", "202611220900"],
  ])("holds every slice with a moment from its start on and before its end: %o", (input, from, to) => {
    expect(slices(input)).toEqual([from, to]);
  });

  test.each([
    ["5m", "202611221505"],
    ["10m", "202611221500"],
    ["15m", "202611221500"],
    ["30m", "202611221500"],
    ["1h", "202611221500"],
  ])("up to now with slices of %s begins where they begin and has everything up to the last", (granularity, from) => {
    expect(slices({ end: "NOW", range: "1h" }, granularity)).toEqual([from, "999999999999"]);
  });

  test("next to another has no slice in common with it", () => {
    const [, last = ""] = slices({ start: "2026-11-22T10:00Z", end: "2026-11-22T11:00Z" });
    const [first = ""] = slices({ start: "2026-11-22T11:00Z", end: "2026-11-22T12:00Z" });

    expect(last < first).toBe(true);
  });

  test("may begin now", () => {
    expect(slices({ start: "2026-11-22T16:07:30Z", end: "NOW" })).toEqual(["202611221605", "999999999999"]);
  });

  test("says what it was given, and of the third what follows", () => {
    expect(timeRange({ start: "2026-11-22", range: "1h" }, "5m", now)).toMatchObject({
      start: "2026-11-22",
      end: "2026-11-22T01:00Z",
    });
    expect(timeRange({ end: "NOW", range: "1h" }, "5m", now)).toMatchObject({ start: "2026-11-22T15:07Z", end: "NOW" });
  });

  test("of the granularity infinity is the one slice, whatever else is said", () => {
    expect(timeRange({}, "infinity", now)).toEqual({ from: "0", to: "0" });
    expect(timeRange({ range: "soon", end: "NOW" }, "infinity", now)).toEqual({ from: "0", to: "0", end: "NOW" });
  });
});

describe("a range that cannot be meant", () => {
  const refused = (input: RangeInput, granularity = "5m") => {
    expect.assertions(1);
    try {
      timeRange(input, granularity, now);
    } catch (error) {
      return error;
    }
    return null;
  };

  test.each([
    {},
    { range: "1h" },
    { start: "2026-11-22" },
    { end: "NOW" },
    { start: "2026-11-22", end: "NOW", range: "1h" },
    { start: "2026-11-22", end: "2026-11-21" },
    { start: "2026-11-22", end: "2026-11-22" },
    { start: "2026-11-23", end: "NOW" },
  ])("has not two of its three parts, or ends before it begins: %o", (input) => {
    expect(refused(input)).toMatchObject({
      kind: "invalid-argument",
      code: 400,
      message: expect.stringMatching(/^Invalid combination of start, end, and range values/),
    });
  });

  test.each(["", "1", "h", "0m", "1.5h", "-1h", "2w", " 1h", "9".repeat(400).concat("d")])(
    "has no length: %s",
    (range) => {
      expect(refused({ range, end: "NOW" })).toMatchObject({
        kind: "invalid-argument",
        message: expect.stringMatching(/^Invalid range value\./),
      });
    },
  );

  test.each(["NOW", "yesterday", "2026-02-30", "2026-11-22T25:00", "-000001-01-01", "+010000-01-01"])(
    "begins at no time: %s",
    (start) => {
      expect(refused({ start, range: "1h" })).toMatchObject({
        message: expect.stringMatching(/^Invalid start value\./),
      });
    },
  );

  test("reaches out of all time", () => {
    expect(refused({ end: "2026-11-22", range: "99999999d" })).toMatchObject({
      message: expect.stringMatching(/^Invalid range value\./),
    });
  });

  test("is in slices that nobody knows", () => {
    expect(refused({}, "2h")).toMatchObject({ kind: "invalid-argument", message: "Invalid granularity value." });
  });
});

test("a slice is read as a time, and where there are no slices as 0", () => {
  expect(["202611221600", "0"].map(sliceTime)).toEqual(["2026-11-22T16:00Z", "0"]);
});
