import { setTimeout as sleep } from "node:timers/promises";
import { DuplicateJobError, HotMesh, HotMeshError } from "@hotmesh/sdk";
import { Client } from "pg";
import { stormDocument, workTopics } from "./document.js";

/**
 * A whole life of a mesh in one process: `mortal.ts <url> <app> <when> <statement>`. It migrates, deploys, activates,
 * runs one job to its end, and stops. At one statement it is killed: `before` it is sent, when it is `sent` and nobody
 * knows what came of it, or `after` its answer. Whatever it finds done already it leaves as it is.
 */
const [url = "", appId = "", when = "never", at = "0"] = process.argv.slice(2);
const die = (): void => void process.kill(process.pid, "SIGKILL");
let statements = 0;

const query = Client.prototype.query as (...given: unknown[]) => unknown;
Client.prototype.query = function counted(this: Client, ...given: unknown[]): unknown {
  statements += 1;
  const isIt = statements === Number(at);
  if (isIt && when === "before") die();
  const answer = query.apply(this, given);
  if (isIt && when === "sent") setImmediate(die);
  if (isIt && when === "after" && answer instanceof Promise) return answer.finally(die);
  return answer;
} as typeof Client.prototype.query;

const connection = { class: Client, options: { connectionString: url } };
const calls: string[] = [];
const worker = (topic: string) => ({
  topic,
  connection,
  callback: async ({ data, metadata }: { data: Record<string, unknown>; metadata: { guid: string } }) => {
    calls.push(`${topic} ${data["id"]}`);
    return { data: { nonce: metadata.guid } };
  },
});

/** What somebody else has done already is no error here. */
async function unlessDone(kinds: readonly string[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const isDone = HotMeshError.is(error) && (kinds.includes(error.kind) || error instanceof DuplicateJobError);
    if (!isDone) throw error;
  }
}

const workers = workTopics.map(worker);
const mesh = await HotMesh.init({ appId, guid: "mortal", logLevel: "silent", engine: { connection }, workers });
await unlessDone(["version-active"], () => mesh.deploy(stormDocument(appId)));
await mesh.activate("1", 1);
await unlessDone([], () => mesh.pub("order", { id: "order" }));
await mesh.signal("gate.open", { id: "order" });
for (;;) {
  const { metadata } = await mesh.getState("order", "order");
  if (metadata["state"] === "completed") break;
  await sleep(20);
}
await mesh.stop();
process.send?.({ statements, calls });
process.disconnect?.();
