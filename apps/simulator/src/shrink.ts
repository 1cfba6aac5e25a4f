import type { Sabotage } from "./sabotage.js";
import { type Run, type Size, simulate } from "./simulate.js";

/**
 * A smaller run that fails too: fewer stories, then fewer activities, faults and moves. The law that breaks may be
 * another one; what counts is that there is less to read.
 */
export async function shrink(failed: Run, plant: () => Sabotage = () => ({})): Promise<Run> {
  let smallest = failed;
  for (const part of ["stories", "activities", "faults", "ticks"] as const) {
    smallest = await shrinkPart(smallest, part, plant);
  }
  return smallest;
}

async function shrinkPart(failed: Run, part: keyof Size, plant: () => Sabotage): Promise<Run> {
  let smallest = failed;
  for (const size of candidates(failed.size, part)) {
    if (size[part] >= smallest.size[part]) break;
    const run = await simulate(failed.seed, {
      size,
      sabotage: plant(),
      onlyDrawn: failed.onlyDrawn,
    });
    if (run.violation === null) continue;
    smallest = run;
    break;
  }
  return smallest;
}

/** The smallest first: a failing one ends the search. Steps grow, so that few runs are needed. */
function candidates(size: Size, part: keyof Size): readonly Size[] {
  const sizes: Size[] = [];
  const least = part === "stories" ? 1 : 0;
  for (let count = least; count < size[part]; count += Math.max(1, Math.floor(count / 8))) {
    sizes.push({ ...size, [part]: count });
  }
  return sizes;
}

/** The command that plays a run again. */
export function commandFor({ seed, size, onlyDrawn, isDrawn }: Run): string {
  const { stories, activities, faults, ticks } = size;
  const graphs = `${onlyDrawn ? " --drawn" : ""}${isDrawn ? ` --activities ${activities}` : ""}`;
  const less = `--stories ${stories} --faults ${faults} --ticks ${ticks}`;
  return `npm run simulate -- --seed ${seed}${graphs} ${less} --verbose`;
}
