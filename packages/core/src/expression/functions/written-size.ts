import { limitedDepth, limitedItems, VALUE_TEXT_MAX } from "./limits.js";
import { isKeyed, isList } from "./own.js";

/** What values come to when they are written out: the same list twice counts twice. */
export interface WrittenSize {
  items: number;
  text: number;
  /** The depths of all items, summed up: how often an indented text is indented. */
  indents: number;
}

/**
 * Adds a value to a size; throws as soon as it is too deep or too large. A few rows can make a list that holds itself
 * twice at thirty levels: it takes no memory until somebody writes it out.
 */
export function addWritten(size: WrittenSize, value: unknown, depth = 0): void {
  if (typeof value === "string") {
    size.text += value.length;
    if (size.text > VALUE_TEXT_MAX) {
      throw new RangeError(`the texts of a value are limited to ${VALUE_TEXT_MAX} UTF-16 units`);
    }
    return;
  }
  if (!isKeyed(value) || value instanceof Date) return;
  limitedDepth(depth + 1);
  if (isList(value)) {
    size.items = limitedItems(size.items + value.length);
    size.indents += value.length * (depth + 1);
    for (const item of value) addWritten(size, item, depth + 1);
    return;
  }
  const keys = Object.keys(value);
  size.items = limitedItems(size.items + keys.length);
  size.indents += keys.length * (depth + 1);
  for (const key of keys) {
    size.text += key.length;
    addWritten(size, value[key], depth + 1);
  }
}

/** A size that nothing has been added to. */
export function noSize(): WrittenSize {
  return { items: 0, text: 0, indents: 0 };
}
