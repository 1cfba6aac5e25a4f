import { expect, test } from "vitest";
import { guid } from "./guid.js";

const counting = { getRandomValues: (bytes: Uint8Array) => bytes.map((_, index) => index * 37) };

test("a guid is H and as many characters as were asked for", () => {
  for (const size of [1, 22, 31, 32]) expect(guid(counting, size)).toMatch(new RegExp(`^H[A-Za-z0-9_-]{${size}}$`));
});

test("other bytes give another guid", () => {
  const other = { getRandomValues: (bytes: Uint8Array) => bytes.map((_, index) => index * 41) };

  expect(guid(counting)).not.toBe(guid(other));
});
