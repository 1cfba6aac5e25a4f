import { expect, test } from "vitest";
import { pickEntry } from "./pick-callback.js";

const throwPot = async () => {};
const glaze = async () => {};
const any = async () => {};

test("a message goes to the entry that its name names", () => {
  const entries = [
    { name: "pot.throw", callback: throwPot },
    { name: "pot.glaze", callback: glaze },
  ];

  expect(pickEntry(entries, "pot.glaze")?.callback).toBe(glaze);
});

test("an entry without a name takes what no other is named for", () => {
  const entries = [
    { name: "pot.throw", callback: throwPot },
    { name: null, callback: any },
  ];

  expect(pickEntry(entries, "pot.throw")?.callback).toBe(throwPot);
  expect(pickEntry(entries, "pot.glaze")?.callback).toBe(any);
});

test("nobody takes a name that nobody here has", () => {
  expect(pickEntry([{ name: "pot.throw", callback: throwPot }], "pot.glaze")).toBeNull();
});

test("a message without a name goes to the only entry", () => {
  const entries = [{ name: "pot.throw", callback: throwPot }];

  expect(pickEntry(entries, null)?.callback).toBe(throwPot);
  expect(pickEntry([...entries, { name: "pot.glaze", callback: glaze }], null)).toBeNull();
});

test("an entry without room takes nothing, and nobody else here takes it in its place", () => {
  let room = false;
  const entries = [
    { name: "pot.throw", callback: throwPot, hasRoom: () => room },
    { name: null, callback: any },
  ];

  expect(pickEntry(entries, "pot.throw")).toBeNull();
  room = true;
  expect(pickEntry(entries, "pot.throw")?.callback).toBe(throwPot);
});

test("of entries with one name the first with room takes the message", () => {
  const entries = [
    { name: "pot.throw", callback: throwPot, hasRoom: () => false },
    { name: "pot.throw", callback: glaze, hasRoom: () => true },
  ];

  expect(pickEntry(entries, "pot.throw")?.callback).toBe(glaze);
});
