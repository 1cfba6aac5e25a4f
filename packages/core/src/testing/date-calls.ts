import { functionNames, lookupFunction } from "../expression/functions/registry.js";
import { EXAMPLE_CONTEXT } from "./docstrings.js";
import { type Prng, prng } from "./prng.js";
import { snapshot } from "./vector-coding.js";

const ZONES = ["", "Z", "+05:30", "-0800", "+14", "-03:30"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** What all versions of the locale data say alike about English; names of zones and parts of the day are others. */
const FORMATS: readonly object[] = [
  {},
  { hour12: false },
  { hour12: true, hour: "numeric" },
  { hourCycle: "h24" },
  { hourCycle: "h11", hour: "2-digit", minute: "2-digit" },
  { dateStyle: "full" },
  { dateStyle: "long", timeStyle: "short" },
  { dateStyle: "short", timeStyle: "medium", hour12: false },
  { weekday: "long", month: "short", day: "2-digit" },
  { era: "short", year: "numeric", month: "long" },
  { timeZone: "Asia/Kolkata" },
  { timeZone: "+05:30" },
];
/** Functions in which a Date becomes something else. */
const CONVERSIONS = [
  "string.concat",
  "array.join",
  "object.create",
  "json.stringify",
  "math.add",
  "unary.positive",
  "conditional.less_than",
  "conditional.equality",
  "number.parseInt",
];

/**
 * Calls of the functions that dates go through, with random inputs, one line each: what was called and what came of it.
 * One seed gives the same lines in every zone and on every platform.
 */
export function randomDateCalls(seed: string, count: number): readonly string[] {
  const random = prng(seed);
  const dates = functionNames().filter((name) => name.startsWith("date.") || name.startsWith("cron."));
  return Array.from({ length: count }, () => {
    const name = random.chance(0.15) ? random.pick(CONVERSIONS) : random.pick(dates);
    const inputs = [dateInput(random), ...furtherInputs(random, name)];
    return `${name} ${snapshot(inputs)} -> ${outcome(name, inputs)}`;
  });
}

/** The snapshot of a result; what is thrown has no words of its own, as platforms choose theirs. */
export function outcome(name: string, inputs: readonly unknown[]): string {
  try {
    return snapshot(lookupFunction(name)?.(inputs, EXAMPLE_CONTEXT));
  } catch {
    return "throws";
  }
}

function furtherInputs(random: Prng, name: string): unknown[] {
  if (name.startsWith("date.toLocale")) {
    return random.chance(0.3) ? [] : [random.pick([undefined, "en-US", ["en-US"]]), random.pick(FORMATS)];
  }
  if (name === "conditional.less_than" || name === "conditional.equality") return [dateInput(random)];
  return Array.from({ length: random.below(5) }, () => random.pick([random.below(70) - 5, random.below(3_000), null]));
}

function dateInput(random: Prng): unknown {
  const instant = instantOf(random);
  switch (random.below(6)) {
    case 0:
      return instant;
    case 1:
      return String(instant);
    case 2:
      return new Date(instant);
    case 3:
      return isoText(random);
    case 4:
      return mailText(random);
    default:
      return random.pick([null, undefined, "", "0 12 * * MON", "*/7 3 L * *", "yesterday", [new Date(instant)], true]);
  }
}

/** Mostly of our times, now and then from one end of time to the other. */
function instantOf(random: Prng): number {
  const reach = random.chance(0.2) ? 8.64e15 : 4e12;
  return Math.round((random.next() - 0.4) * reach);
}

function isoText(random: Prng): string {
  const year = random.chance(0.1) ? "-000044" : String(random.below(10_000)).padStart(4, "0");
  const day = `${year}-${two(random.below(14))}-${two(random.below(33))}`;
  if (random.chance(0.2)) return random.chance(0.5) ? day : day.slice(0, -3);
  const seconds = random.chance(0.5) ? `:${two(random.below(60))}` : "";
  const time = `${two(random.below(26))}:${two(random.below(61))}${seconds}`;
  const fraction = /:.*:/.test(time) && random.chance(0.5) ? `.${random.below(100_000)}` : "";
  return `${day}T${time}${fraction}${random.pick(ZONES)}`;
}

function mailText(random: Prng): string {
  const day = `${two(1 + random.below(31))} ${random.pick(MONTHS)} ${1900 + random.below(200)}`;
  const time = `${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}`;
  return `${random.pick(DAYS)}, ${day} ${time} ${random.pick(["GMT", "UTC", "+0530", "-0330"])}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
