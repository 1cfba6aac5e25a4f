import { type ActivityId, pathText } from "../brand.js";
import type { Lineage } from "./control.js";
import { type ActivityPath, depthOf, parsePath, pathOf, prefixOf } from "./path.js";

/** A pass and the passes above it. */
export interface Position extends ActivityPath {
  readonly via: Lineage;
}

/** The ancestor pass of an activity, or null when the path taken does not lead through it. */
export function ancestorOf(position: Position, activity: ActivityId): ActivityPath | null {
  const marked = `${activity},`;
  for (const [index, entry] of position.via.entries()) {
    if (entry === activity) return { activity, address: prefixOf(position.address, index + 1) };
    if (entry.startsWith(marked)) return parsePath(pathText(entry));
  }
  return null;
}

/** Every ancestor pass, the trigger first. */
export function ancestorsOf(position: Pick<Position, "address" | "via">): readonly ActivityPath[] {
  return position.via.map((entry, index) => {
    if (entry.includes(",")) return parsePath(pathText(entry));
    return { activity: entry, address: prefixOf(position.address, index + 1) };
  });
}

/** True when the pass lies on the path to this one. Addresses alone do not tell: siblings share theirs. */
export function stemsFrom(position: Pick<Position, "address" | "via">, above: ActivityPath): boolean {
  return ancestorsOf(position).some((pass) => pass.activity === above.activity && pass.address === above.address);
}

/** The lineage of a pass that `position` spawns. */
export function lineageBelow(position: Position): Lineage {
  const plain = depthOf(position.address) === position.via.length + 1;
  return [...position.via, plain ? position.activity : pathOf(position.activity, position.address)];
}

/** The lineage of the ancestor itself: what stands above it. */
export function lineageOf(position: Position, activity: ActivityId): Lineage {
  const index = position.via.findIndex((entry) => entry === activity || entry.startsWith(`${activity},`));
  return position.via.slice(0, Math.max(index, 0));
}
