// How fast the engine is, and what it costs the database.
import { availableParallelism } from "node:os";
import { startEmbedded } from "@hotmesh/store-postgres/embedded";
import { compileSpeed } from "./compile-speed.js";
import { decideSpeed } from "./decide-speed.js";
import { builtInSubject, subjectOfFile } from "./graphs.js";
import { type Options, readOptions } from "./options.js";
import { type Measurement, run } from "./run.js";

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

function showCompile(json: boolean): void {
  const speed = compileSpeed({ activities: 500, runs: 20 });
  if (json) {
    console.log(JSON.stringify(speed));
    return;
  }
  const { activities, documentBytes, firstMs, medianMs, keptMb, peakMb } = speed;
  console.log(`a graph of ${activities} activities, ${(documentBytes / 1024).toFixed(0)} KB of YAML\n`);
  console.log(line(["", "first ms", "median ms", "MB kept", "MB peak"]));
  console.log(line(["compile", firstMs.toFixed(1), medianMs.toFixed(1), keptMb.toFixed(1), peakMb.toFixed(1)]));
}

function showDecide(json: boolean): void {
  const speeds = decideSpeed({ seconds: 2 });
  if (!json) console.log(line(["one core", "per second", "µs each"]));
  for (const speed of speeds) {
    const { decision, perSecond, microseconds } = speed;
    console.log(json ? JSON.stringify(speed) : line([decision, perSecond.toFixed(0), microseconds.toFixed(1)]));
  }
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
