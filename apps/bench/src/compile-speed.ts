import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileText } from "@hotmesh/core/compiler";
import { generatedDocument } from "./generated-graph.js";
import { middle, sorted, startStopwatch, type Times } from "./stopwatch.js";

export interface CompileSpeed {
  readonly activities: number;
  readonly documentBytes: number;
  /** The first compilation of the process, when no code is warm. */
  readonly first: Times;
  /** Medians of the others. */
  readonly warm: Times;
  /**
   * By how much the process was larger in memory at its largest, garbage included, than before the first compilation.
   * The heap that was free before counts as growth, because the compilation may have filled it.
   */
  readonly peakMb: number;
  /** What a compiled plan keeps in memory. */
  readonly keptMb: number;
}

const megabyte = 1024 * 1024;

/** Compiles one generated graph several times. To be run in a process that has compiled nothing before. */
export function compileSpeed(options: { readonly activities: number; readonly runs: number }): CompileSpeed {
  const text = generatedDocument(options.activities);
  const collect = collector();
  collect();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  const resting = rss - (heapTotal - heapUsed);
  const first = timed(text);
  // The largest size that the process ever had, so if anything too much.
  const peak = process.resourceUsage().maxRSS * 1024 - resting;
  const others = Array.from({ length: options.runs }, () => timed(text));

  collect();
  const before = process.memoryUsage().heapUsed;
  const plans = Array.from({ length: 5 }, () => compileText(text).plan);
  collect();
  const kept = (process.memoryUsage().heapUsed - before) / plans.length;
  return {
    activities: options.activities,
    documentBytes: text.length,
    first,
    warm: {
      processorMs: middle(sorted(others.map(({ processorMs }) => processorMs))),
      wallMs: middle(sorted(others.map(({ wallMs }) => wallMs))),
    },
    peakMb: peak / megabyte,
    keptMb: kept / megabyte,
  };
}

function timed(text: string): Times {
  const stopwatch = startStopwatch();
  compileText(text);
  return stopwatch();
}

/** The garbage collector, which a process may call only if it says so. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
