import { parseArgs } from "node:util";
import type { Size } from "./simulate.js";

export interface Arguments {
  readonly seeds: number;
  readonly from: number;
  /** Only this one. */
  readonly seed: number | null;
  readonly size: Partial<Size>;
  /** Every seed draws graphs of its own. */
  readonly onlyDrawn: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const usage = `npm run simulate -- [options]

  --seeds <n>     how many seeds to play (2000)
  --from <n>      the first one (1)
  --graphs <n>    so many seeds, each with random graphs of its own
  --seed <n>      play this one only
  --drawn         with --seed: with random graphs, as --graphs plays it
  --stories <n>   with --seed: so many stories are told
  --activities <n>  with --seed: at most so many activities are drawn
  --faults <n>    with --seed: at most so many faults
  --ticks <n>     with --seed: so many moves before the faults stop
  --verbose       with --seed: print what happens
`;

const number = { type: "string" } as const;
const flag = { type: "boolean" } as const;

/** Throws when an option is unknown or no number. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      seeds: number,
      from: number,
      graphs: number,
      seed: number,
      drawn: flag,
      activities: number,
      stories: number,
      faults: number,
      ticks: number,
      verbose: flag,
      help: flag,
    },
  });
  const size: Partial<Size> = {
    ...(values.stories !== undefined && { stories: whole("stories", values.stories) }),
    ...(values.activities !== undefined && { activities: whole("activities", values.activities) }),
    ...(values.faults !== undefined && { faults: whole("faults", values.faults) }),
    ...(values.ticks !== undefined && { ticks: whole("ticks", values.ticks) }),
  };
  return {
    seeds: whole("seeds", values.graphs ?? values.seeds ?? "2000"),
    from: whole("from", values.from ?? "1"),
    seed: values.seed === undefined ? null : whole("seed", values.seed),
    size,
    onlyDrawn: values.graphs !== undefined || (values.drawn ?? false),
    verbose: values.verbose ?? false,
    help: values.help ?? false,
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is ${text}; expected a whole number`);
  return value;
}
