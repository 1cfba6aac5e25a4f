import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compileText } from "@hotmesh/core/compiler";
import { generatedDocument } from "./generated-graph.js";

export interface CompileSpeed {
  readonly activities: number;
  readonly documentBytes: number;
  /** The first compilation of the process, before anything is warm. */
  readonly firstMs: number;
  /** The median of the others. */
  readonly medianMs: number;
  /** What a compiled plan keeps in memory. */
  readonly keptMb: number;
  /** By how much the process grew at its largest, garbage included. */
  readonly peakMb: number;
}

const megabyte = 1024 * 1024;

/** Compiles one generated graph several times. To be run in a process that has compiled nothing before. */
export function compileSpeed(options: { readonly activities: number; readonly runs: number }): CompileSpeed {
  const text = generatedDocument(options.activities);
  const collect = collector();
  const peakBefore = process.resourceUsage().maxRSS;
  const firstMs = timed(text);
  const times = Array.from({ length: options.runs }, () => timed(text)).sort((one, other) => one - other);
  const peak = process.resourceUsage().maxRSS - peakBefore;

  collect();
  const before = process.memoryUsage().heapUsed;
  const plans = Array.from({ length: 5 }, () => compileText(text).plan);
  collect();
  const kept = (process.memoryUsage().heapUsed - before) / plans.length;
  return {
    activities: options.activities,
    documentBytes: text.length,
    firstMs,
    medianMs: times[Math.floor(times.length / 2)] ?? firstMs,
    keptMb: kept / megabyte,
    peakMb: (peak * 1024) / megabyte,
  };
}

function timed(text: string): number {
  const startedAt = performance.now();
  compileText(text);
  return performance.now() - startedAt;
}

/** The garbage collector, which a process may call only if it says so. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
