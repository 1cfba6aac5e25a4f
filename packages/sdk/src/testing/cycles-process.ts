import { setImmediate } from "node:timers/promises";
import { HotMesh } from "../index.js";
import { documentOf } from "./mesh.js";

/**
 * A program that begins and ends its work with HotMesh several times: `cycles-process.ts <url> <app> <cycles>`. It
 * writes what came of each life, and what was left of it, as JSON.
 */
const [connection = "", appId = "", cycles = "0"] = process.argv.slice(2);
const topic = "label.print";

/** Listeners of the process, by event. */
const listeners = (): Record<string, number> =>
  Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));

async function life(n: number): Promise<readonly unknown[]> {
  const heard: string[] = [];
  const mesh = await HotMesh.init({
    appId,
    logLevel: "silent",
    engine: { connection },
    workers: [{ topic, connection, callback: async ({ data }) => ({ data: { by: `${data["id"]} of ${n}` } }) }],
  });
  if (n === 1) {
    await mesh.deploy(documentOf(appId, [topic]));
    await mesh.activate("1", 20);
  }
  await mesh.psub("done.*", (_, { metadata }) => heard.push(String(metadata["jid"])));
  await mesh.subQuorum(() => {});
  const outputs = await Promise.all([1, 2, 3].map((job) => mesh.pubsub(`do.${topic}`, { id: `${n}/${job}` })));
  // What is given to a stopped instance is refused, so it is not clear beforehand how this ends; but it ends.
  const late = mesh.pub(`do.${topic}`, { id: `${n}/late` }).catch(() => {});
  await HotMesh.stop();
  await late;
  return [outputs.map(({ data }) => data?.["by"]), heard.length];
}

// Node may still be closing files of this very program.
while (process.getActiveResourcesInfo().includes("CloseReq")) await setImmediate();
const before = { resources: process.getActiveResourcesInfo().sort(), listeners: listeners() };
const lives: unknown[] = [];
for (let n = 1; n <= Number(cycles); n += 1) {
  const outcome = await life(n);
  lives.push({ outcome, after: { resources: process.getActiveResourcesInfo().sort(), listeners: listeners() } });
}
process.stdout.write(JSON.stringify({ before, lives }));
