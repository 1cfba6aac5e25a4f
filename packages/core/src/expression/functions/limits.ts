/** Units of UTF-16 that `repeat`, `padStart` and `padEnd` may make. */
export const MADE_TEXT_MAX = 1_048_576;
/** Units of UTF-16 of any other text result. */
export const TEXT_MAX = 16_777_216;
/** A list may be written at this position even when it is shorter. */
export const POSITION_MAX = 100_000;
/**
 * Items of a list that a function makes, or visits inside lists of lists: lists that hold each other double quickly.
 */
export const ITEMS_MAX = 4_194_304;
/** Lists and objects inside one another, in what is written out or converted. No document is as deep. */
export const DEPTH_MAX = 1_000;
/** Units of UTF-16 in all texts of one value. */
export const VALUE_TEXT_MAX = 67_108_864;
/** Work of one evaluation, see `work.ts`. */
export const WORK_MAX = 1_000_000_000;
/** Units of a cron expression. */
export const SCHEDULE_MAX = 1_000;
/** Locales that one call may ask for. */
export const LOCALES_MAX = 100;
/** Units of a pattern and of the text that it is looked for in. */
export const PATTERN_MAX = 1_000;
export const SEARCHED_TEXT_MAX = 1_048_576;

/** The text, or an error that names the limit. */
export function limitedText(text: string): string {
  if (text.length > TEXT_MAX) throw new RangeError(`a text result is limited to ${TEXT_MAX} UTF-16 units`);
  return text;
}

/** The depth, or an error that names the limit. */
export function limitedDepth(depth: number): number {
  if (depth > DEPTH_MAX)
    throw new RangeError(`a value is limited to ${DEPTH_MAX} lists and objects inside one another`);
  return depth;
}

/** The count of items, or an error that names the limit. */
export function limitedItems(count: number): number {
  if (count > ITEMS_MAX) throw new RangeError(`a list result is limited to ${ITEMS_MAX} items`);
  return count;
}
