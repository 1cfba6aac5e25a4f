import { expect, test } from "vitest";
import { restored, stored } from "./stored-text.js";

const marked = String.fromCharCode(1);
const nul = String.fromCharCode(0);
const half = String.fromCharCode(0xd83d);

test("text that Postgres can hold is stored as it is", () => {
  const texts = ["", "plain", "ü€😀", "a\nb\tc", "\\u0000"];

  expect(texts.map((text) => stored(text))).toEqual(texts);
});

test("every text comes back as it was", () => {
  const texts = [nul, `a${nul}b${nul}`, half, `${half}x`, marked, `${marked}0000`, `😀${half}`];

  expect(texts.map((text) => restored(stored(text)))).toEqual(texts);
});

test("different texts stay different", () => {
  const texts = [nul, `${marked}0000`, half, `${marked}d83d`, marked];

  expect(new Set(texts.map((text) => stored(text))).size).toBe(texts.length);
});
