import { described, isNullish, numberOf, textOf } from "./conversion.js";
import { spend } from "./meter.js";
import { isList } from "./own.js";

const LONG = 1_000;

/** First strictly equal position in a list, or of a text in a text; -1 when there is none. */
export function firstPosition([within, item, from]: readonly unknown[]): number {
  const start = from === undefined ? 0 : numberOf(from);
  if (isList(within)) {
    spendOnSame(within, item);
    return within.indexOf(item, start);
  }
  return isNullish(item) ? absentIn(within) : receiver(within).indexOf(textOf(item), start);
}

/** Last strictly equal position. Without `from` all is searched, whatever is missing behind it. */
export function lastPosition([within, item, from]: readonly unknown[]): number {
  if (isList(within)) {
    spendOnSame(within, item);
    return from === undefined ? within.lastIndexOf(item) : within.lastIndexOf(item, numberOf(from));
  }
  if (isNullish(item)) return absentIn(within);
  return receiver(within).lastIndexOf(textOf(item), from === undefined ? Number.POSITIVE_INFINITY : numberOf(from));
}

/** A half-open range of a list or text; negative positions count back. */
export function range([within, start, end]: readonly unknown[]): unknown {
  const from = start === undefined ? 0 : numberOf(start);
  const to = end === undefined ? undefined : numberOf(end);
  return isList(within) ? within.slice(from, to) : receiver(within).slice(from, to);
}

/** A long text is compared unit by unit with every text of its length. */
export function spendOnSame(list: readonly unknown[], item: unknown): void {
  if (typeof item !== "string" || item.length < LONG) return;
  const alike = list.reduce((count: number, other) => {
    return typeof other === "string" && other.length === item.length ? count + 1 : count;
  }, 0);
  spend((alike * item.length) / 8);
}

function absentIn(within: unknown): number {
  receiver(within);
  return -1;
}

function receiver(within: unknown): string {
  if (typeof within !== "string") throw new TypeError(`a text or list was expected, not ${described(within)}`);
  return within;
}
