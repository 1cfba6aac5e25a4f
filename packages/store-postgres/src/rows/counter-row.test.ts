import { expect, test } from "vitest";
import { firstBehind } from "./counter-row.js";

const last = String.fromCodePoint(0x10ffff);

test("the first text behind a prefix is behind all that begin with it, and nothing else is before it", () => {
  const behind = ["a", "az", "\ud7ff", "\uffff", "😀", `a${last}`].map(firstBehind);

  expect(behind).toEqual(["b", "a{", "\ue000", "\u{10000}", "😁", "b"]);
});

test("nothing is behind every text, nor behind those that begin with the last character", () => {
  expect([firstBehind(""), firstBehind(last), firstBehind(last + last)]).toEqual([null, null, null]);
});
