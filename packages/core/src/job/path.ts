import { type ActivityId, type Address, address, type PathText, pathText } from "../brand.js";

/** One visit to one activity of a job: a pass. */
export interface ActivityPath {
  readonly activity: ActivityId;
  readonly address: Address;
}

/** The address of every trigger. */
export const rootAddress: Address = address(",0");

/** A pass as one text. Activity ids contain no comma, so the text is unambiguous. */
export function pathOf(activity: ActivityId, at: Address): PathText {
  return pathText(`${activity}${at}`);
}

/** The activity and the address of a pass, from its path. */
export function parsePath(path: PathText): ActivityPath {
  const comma = path.indexOf(",");
  return { activity: path.slice(0, comma), address: address(path.slice(comma)) };
}

/** Pass number `index` of an activity entered from a pass at `base`. */
export function childAddress(base: Address, index: number): Address {
  return address(`${base},${index}`);
}

/** The address one level up, or null for the trigger's. */
export function baseOf(at: Address): Address | null {
  const comma = at.lastIndexOf(",");
  return comma <= 0 ? null : address(at.slice(0, comma));
}

/** The prefix of `at` that has `depth` levels; the trigger's address has one. */
export function prefixOf(at: Address, depth: number): Address {
  let end = 0;
  for (let level = 0; level < depth; level += 1) {
    const next = at.indexOf(",", end + 1);
    if (next < 0) return at;
    end = next;
  }
  return address(at.slice(0, end));
}

/** Levels of an address: 1 for the trigger's. */
export function depthOf(at: Address): number {
  let levels = 0;
  for (let comma = at.indexOf(","); comma >= 0; comma = at.indexOf(",", comma + 1)) levels += 1;
  return levels;
}

/** True when `at` is `base` or lies below it. */
export function isWithin(at: Address, base: Address): boolean {
  return at === base || at.startsWith(`${base},`);
}
