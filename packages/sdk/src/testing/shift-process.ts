import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HotMesh, type HotMeshWorker } from "../index.js";
import { now } from "./metronome.js";
import type { ShiftSpec, ShiftTold } from "./shift.js";

/** One shift: `shift-process.ts <spec as JSON>`. The word `stop` ends it, and nothing in here calls `process.exit`. */
const spec: ShiftSpec = JSON.parse(process.argv[2] ?? "");
const { connection, appId, guid, topics, concurrency, hasEngine, drainMs, isHeld } = spec;
const tell = (what: ShiftTold): void => void process.send?.(what);

const stop = new Promise<void>((resolve) => {
  process.on("message", (word) => word === "stop" && resolve());
});
const before = process.getActiveResourcesInfo();

/** A promise does not keep a process alive: nothing else does, when all is well. */
async function work(id: string, isSlow: boolean): Promise<void> {
  if (!isHeld) return;
  if (isSlow) await new Promise(() => {});
  await stop;
  await sleep(50 + (id.length % 5) * 20);
}

const workerOf = (topic: string): HotMeshWorker => ({
  topic,
  connection,
  concurrency,
  callback: async ({ data }) => {
    const id = String(data["id"]);
    tell({ begun: { id, guid, at: now() } });
    await work(id, data["slow"] === true);
    return { data: { by: guid } };
  },
});

const hotMesh = await HotMesh.init({
  appId,
  guid,
  drainMs,
  logLevel: "silent",
  ...(hasEngine && { engine: { connection } }),
  workers: topics.map(workerOf),
});
tell({ ready: guid });
await stop;

const begin = now();
await hotMesh.stop();
const at = now();
const left = [...before];
const resources = process.getActiveResourcesInfo().filter((resource) => {
  const known = left.indexOf(resource);
  if (known >= 0) left.splice(known, 1);
  return known < 0;
});
process.on("exit", () => void writeSync(1, `exit after ${Math.round(now() - at)} ms\n`));
tell({ stopped: { at, stopMs: at - begin, resources } });
process.disconnect();
