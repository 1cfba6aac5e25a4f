import { expect, test } from "vitest";
import { pickCallback } from "./pick-callback.js";

const throwPot = async () => {};
const glaze = async () => {};
const any = async () => {};

test("a message goes to the entry that its name names", () => {
  const entries = [
    { name: "pot.throw", callback: throwPot },
    { name: "pot.glaze", callback: glaze },
  ];

  expect(pickCallback(entries, "pot.glaze")).toBe(glaze);
});

test("an entry without a name takes what no other is named for", () => {
  const entries = [
    { name: "pot.throw", callback: throwPot },
    { name: null, callback: any },
  ];

  expect(pickCallback(entries, "pot.throw")).toBe(throwPot);
  expect(pickCallback(entries, "pot.glaze")).toBe(any);
});

test("nobody takes a name that nobody here has", () => {
  expect(pickCallback([{ name: "pot.throw", callback: throwPot }], "pot.glaze")).toBeNull();
});

test("a message without a name goes to the only entry", () => {
  const entries = [{ name: "pot.throw", callback: throwPot }];

  expect(pickCallback(entries, null)).toBe(throwPot);
  expect(pickCallback([...entries, { name: "pot.glaze", callback: glaze }], null)).toBeNull();
});
