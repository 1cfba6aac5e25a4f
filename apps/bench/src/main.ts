// How fast the engine is, and what it costs the database.
import { availableParallelism } from "node:os";
import { startEmbedded } from "@hotmesh/store-postgres/embedded";
import type { CompileSpeed } from "./compile-speed.js";
import { compileSpeeds } from "./compile-speeds.js";
import { decideSpeed } from "./decide-speed.js";
import { builtInSubject, subjectOfFile } from "./graphs.js";
import { type Options, readOptions } from "./options.js";
import { type Measurement, run } from "./run.js";
import { middle, sorted } from "./stopwatch.js";

async function main(options: Options): Promise<void> {
  if (options.mode === "compile") return showCompile(options.json);
  if (options.mode === "decide") return showDecide(options.json);
  if (options.url !== null) return measure(options.url, options);
  const settings = { shared_preload_libraries: "pg_stat_statements", max_connections: "200" };
  const server = await startEmbedded({ settings });
  try {
    await measure(server.url, options);
  } finally {
    await server.stop();
  }
}

async function measure(url: string, { graphs, file, jobs, callers, strict, json }: Options): Promise<void> {
  const subjects = file === null ? graphs.map(builtInSubject) : [await subjectOfFile(file.path, file.topic)];
  if (!json) {
    const way = strict ? "engine and workers through the storage only" : "engine and workers in one process";
    console.log(`${jobs} jobs, ${callers} callers, ${way}, ${availableParallelism()} cores shared with the server\n`);
    console.log(line(columns.map(({ title }) => title)));
  }
  for (const subject of subjects) {
    const measurement = await run({ url, subject, jobs, callers, strict, warmUp: Math.min(jobs, 500) });
    console.log(json ? JSON.stringify(measurement) : line(columns.map(({ show }) => show(measurement))));
  }
}

async function showCompile(json: boolean): Promise<void> {
  const speeds = await compileSpeeds({ processes: 7, activities: 500, runs: 20 });
  if (json) {
    for (const speed of speeds) console.log(JSON.stringify(speed));
    return;
  }
  const { activities, documentBytes } = speeds[0] ?? { activities: 0, documentBytes: 0 };
  const row = (title: string, of: (speed: CompileSpeed) => number): void => {
    const values = sorted(speeds.map(of));
    console.log(line([title, (values[0] ?? Number.NaN).toFixed(1), middle(values).toFixed(1)]));
  };
  console.log(`a graph of ${activities} activities, ${(documentBytes / 1024).toFixed(0)} KB of YAML,`);
  console.log(`compiled in ${speeds.length} processes, in each once cold and 20 times warm\n`);
  console.log(line(["", "best", "median"]));
  row("cold CPU ms", ({ first }) => first.processorMs);
  row("cold wall ms", ({ first }) => first.wallMs);
  row("warm CPU ms", ({ warm }) => warm.processorMs);
  row("warm wall ms", ({ warm }) => warm.wallMs);
  row("MB peak", ({ peakMb }) => peakMb);
  row("MB kept", ({ keptMb }) => keptMb);
  console.log("\nCPU: user and system time of all threads, the compiler and the collector of V8 among them.");
  console.log("MB peak: the largest resident size of the process during its first compilation, garbage included,");
  console.log("less what it used right before. MB kept: the heap that one compiled plan holds on to.");
}

function showDecide(json: boolean): void {
  const speeds = decideSpeed({ seconds: 2 });
  if (json) {
    for (const speed of speeds) console.log(JSON.stringify(speed));
    return;
  }
  console.log("decisions per second of CPU time on a job with one worker, without a storage\n");
  console.log(line(["", "best", "median", "µs each", "by wall"]));
  for (const { decision, bestPerSecond, perSecond, microseconds, perSecondOfWall } of speeds) {
    const figures = [
      bestPerSecond.toFixed(0),
      perSecond.toFixed(0),
      microseconds.toFixed(1),
      perSecondOfWall.toFixed(0),
    ];
    console.log(line([decision, ...figures]));
  }
  console.log(
    "\nstart: a published payload up to the message for the worker. answer: of that worker, which ends the job.",
  );
  console.log(
    "start + answer: both in turn, each counted as one decision. CPU: all threads, the collector among them.",
  );
}

const columns: readonly { readonly title: string; readonly show: (measurement: Measurement) => string }[] = [
  { title: "graph", show: ({ graph }) => graph },
  { title: "jobs/s", show: ({ jobsPerSecond }) => jobsPerSecond.toFixed(0) },
  { title: "steps/s", show: ({ stepsPerSecond }) => stepsPerSecond.toFixed(0) },
  { title: "p50 ms", show: ({ p50Ms }) => p50Ms.toFixed(1) },
  { title: "p99 ms", show: ({ p99Ms }) => p99Ms.toFixed(1) },
  { title: "statements", show: ({ perJob }) => perJob.statements.toFixed(2) },
  { title: "commits", show: ({ perJob }) => perJob.transactions.toFixed(2) },
  { title: "WAL bytes", show: ({ perJob }) => perJob.walBytes.toFixed(0) },
];

function line([first = "", ...others]: readonly string[]): string {
  return [first.padEnd(16), ...others.map((text) => text.padStart(10))].join(" ");
}

const options = readOptions(process.argv.slice(2));
if (options !== null) await main(options);
