import { isKeyed, isList, type Keyed, setOwn } from "./functions/own.js";

const SUFFIXED = /^([^[]*)\[([^\]]*)\]$/;

/**
 * Applies the key suffixes of `job.maps` to its mapped value, at the top level only: `name[25]`
 * becomes `name`; `[-]` and `[_]` copy the value's own keys to the root, over equal keys; any other suffix stays.
 */
export function applyKeySuffixes(mapped: unknown): unknown {
  if (!isKeyed(mapped) || isList(mapped) || mapped instanceof Date) return mapped;
  const root: Keyed = {};
  const spread: Keyed[] = [];
  for (const [key, value] of Object.entries(mapped)) {
    const [, name = key, suffix] = SUFFIXED.exec(key) ?? [];
    if (suffix === "-" || suffix === "_") {
      if (isKeyed(value)) spread.push(value);
    } else {
      setOwn(root, suffix !== undefined && isNumeric(suffix) ? name : key, value);
    }
  }
  for (const value of spread) {
    for (const [key, item] of Object.entries(value)) setOwn(root, key, item);
  }
  return root;
}

function isNumeric(suffix: string): boolean {
  return !Number.isNaN(Number(suffix));
}
