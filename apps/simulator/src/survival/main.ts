import { parseArgs } from "node:util";
import { startEmbedded } from "@hotmesh/store-postgres/embedded";
import { bundle } from "./bundle.js";
import { crashEverywhere, crashPoints, statementsOf } from "./crash-everywhere.js";
import { storm } from "./storm.js";

/**
 * `npm run survive -- --kills 2000 --restarts 100 --cuts 200`: prints what a storm did, and what it cost.
 * `npm run survive -- --everywhere`: ends a process at every statement of a whole life instead.
 */
const { values } = parseArgs({
  options: {
    everywhere: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "2000" },
    restarts: { type: "string", default: "100" },
    cuts: { type: "string", default: "200" },
    members: { type: "string", default: "4" },
    lease: { type: "string", default: "2" },
    pause: { type: "string", default: "150" },
    callers: { type: "string", default: "2" },
    "not-durable": { type: "boolean", default: false },
  },
});
const tell = (line: string): void => console.log(line);
const began = Date.now();
const seconds = (): number => Math.round((Date.now() - began) / 1_000);
process.exitCode = await (values.everywhere ? crash() : blow());

async function blow(): Promise<number> {
  const report = await storm({
    seed: Number(values.seed),
    kills: Number(values.kills),
    restarts: Number(values.restarts),
    cuts: Number(values.cuts),
    members: Number(values.members),
    leaseSeconds: Number(values.lease),
    pauseMs: Number(values.pause),
    callers: Number(values.callers),
    durable: !values["not-durable"],
    tell,
  });
  tell(JSON.stringify({ ...report, seconds: seconds(), lease: Number(values.lease) }, null, 2));
  const { lost, doubled, stale, left, unhandled } = report;
  return lost + doubled + stale + left + unhandled.length > 0 ? 1 : 0;
}

async function crash(): Promise<number> {
  const server = await startEmbedded({ durable: false });
  const program = await bundle("mortal");
  try {
    const lives = { program: program.file, url: server.url };
    const points = crashPoints(await statementsOf(lives, "undisturbed"));
    const found = await crashEverywhere(lives, points, { atOnce: 4, name: "crash" });
    const wrong = found.filter((aftermath) => aftermath.wrong.length > 0);
    const reached = found.filter((aftermath) => aftermath.reached).length;
    tell(JSON.stringify({ points: points.length, reached, wrong, seconds: seconds() }, null, 2));
    return wrong.length > 0 ? 1 : 0;
  } finally {
    await program.remove();
    await server.stop();
  }
}
