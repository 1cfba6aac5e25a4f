import { expect, test } from "vitest";
import { instant } from "../brand.js";
import { Agenda } from "./agenda.js";

const at = instant;

test("the first look is due at once", () => {
  expect(new Agenda().isDue(at(1))).toBe(true);
});

test("after a look the next one is due at its time, or when a hint comes", () => {
  const agenda = new Agenda();
  agenda.begin();
  agenda.end(at(100));

  expect([agenda.isDue(at(99)), agenda.isDue(at(100)), agenda.nextAt]).toEqual([false, true, 100]);
  agenda.hint();
  expect([agenda.isDue(at(1)), agenda.nextAt]).toEqual([true, 0]);
});

test("a hint that comes during a look counts for the next one", () => {
  const agenda = new Agenda();
  agenda.begin();
  agenda.hint();
  agenda.end(at(100));

  expect(agenda.isDue(at(1))).toBe(true);
});

test("after a failure no hint makes a look due before its time", () => {
  const agenda = new Agenda();
  agenda.begin();
  agenda.hold(at(50));
  agenda.hint();

  expect([agenda.isDue(at(49)), agenda.isDue(at(50)), agenda.nextAt]).toEqual([false, true, 50]);
});

test("what becomes due sooner moves the look forward, never back", () => {
  const agenda = new Agenda();
  agenda.begin();
  agenda.end(at(100));
  agenda.sooner(at(200));
  expect(agenda.nextAt).toBe(100);

  agenda.sooner(at(40));

  expect(agenda.nextAt).toBe(40);
});
