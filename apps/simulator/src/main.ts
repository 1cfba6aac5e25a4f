import { type Arguments, parseArguments, usage } from "./arguments.js";
import { commandFor, shrink } from "./shrink.js";
import { type Run, simulate } from "./simulate.js";

const args = parseArguments(process.argv.slice(2));
if (args.help) console.log(usage);
else if (args.seed !== null) await playOne(args.seed, args);
else await playMany(args);

async function playOne(seed: number, { size, onlyDrawn, verbose }: Arguments): Promise<void> {
  const run = await simulate(seed, { size, onlyDrawn, ...(verbose && { trace: (line) => console.log(line) }) });
  if (run.violation === null) {
    console.log(`Seed ${seed}: all laws hold, ${run.faults} faults.`);
    return;
  }
  console.log(`Seed ${seed}: ${run.violation.message}`);
  process.exitCode = 1;
}

async function playMany({ seeds, from, onlyDrawn }: Arguments): Promise<void> {
  const startedAt = performance.now();
  const failed: Run[] = [];
  let faults = 0;
  let drawn = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run = await simulate(seed, { onlyDrawn });
    faults += run.faults;
    if (run.isDrawn) drawn += 1;
    if (run.violation !== null) failed.push(run);
    showProgress(seed - from + 1, seeds, failed.length);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const rate = Math.round(seeds / seconds);
  const played = `${seeds} seeds, ${drawn} with graphs of their own, and ${faults} faults`;
  console.log(`${played} in ${seconds.toFixed(1)} s (${rate} per second).`);
  for (const run of failed.slice(0, 10)) await tell(run);
  if (failed.length > 0) process.exitCode = 1;
  else console.log("All laws hold.");
}

async function tell(run: Run): Promise<void> {
  const smallest = await shrink(run);
  console.log(`\nSeed ${run.seed}: ${run.violation?.message}`);
  console.log(`  keep it: add ${run.seed} to apps/simulator/seeds.json${run.onlyDrawn ? ', with "drawn": true' : ""}`);
  console.log(`  play it: npm run simulate -- --seed ${run.seed}${run.onlyDrawn ? " --drawn" : ""}`);
  console.log(`  smaller: ${commandFor(smallest)}`);
}

const width = 40;

/** One line that is written over again; only where somebody watches. */
function showProgress(done: number, all: number, failed: number): void {
  if (!process.stdout.isTTY || (done % 20 !== 0 && done !== all)) return;
  const filled = Math.round((done / all) * width);
  const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
  process.stdout.write(`\r${bar} ${done} of ${all}, ${failed} failed${done === all ? "\n" : ""}`);
}
