import { setTimeout as sleep } from "node:timers/promises";
import { Client, Pool } from "pg";
import { DuplicateJobError, HotMesh, HotMeshError } from "../index.js";

/**
 * One process of a mesh that has to outlive its database: `steady-process.ts <url> <app> <name> <role>`. A `worker`
 * orchestrates and works; a `caller` starts jobs, as fast as they end, until it gets the word `enough`. It tells its
 * parent when it is there, which jobs it has begun, and whatever Node has to warn of; the word `stop` ends it.
 */
const [url = "", appId = "", name = "", role = ""] = process.argv.slice(2);
const tell = (what: object): void => void process.send?.(what);
const isCaller = role === "caller";

process.on("warning", (warning) => tell({ warning: String(warning) }));
process.on("unhandledRejection", (reason) => tell({ warning: `unhandled: ${String(reason)}` }));

// One process lets the library open its pools, the other brings its own.
const connection = isCaller
  ? { class: Client, options: { connectionString: url } }
  : { class: new Pool({ connectionString: url, max: 6 }), options: {} };
const worker = (topic: string) => ({
  topic,
  connection,
  callback: async ({ data }: { data: Record<string, unknown> }) => ({ data: { sum: Number(data["sum"]) + 1 } }),
});
const mesh = await HotMesh.init({
  appId,
  guid: name,
  logLevel: "silent",
  engine: { connection },
  workers: isCaller ? [] : [worker("step.one"), worker("step.two")],
});

let goesOn = isCaller;
let drawn = 0;

/** Calls until the mesh has taken the job, as a caller would: what is retryable is repeated. */
async function order(id: string): Promise<void> {
  for (;;) {
    try {
      await mesh.pubsub("walk", { id }, null, 60_000);
      return;
    } catch (error) {
      if (error instanceof DuplicateJobError) return;
      if (!HotMeshError.is(error) || !error.retryable) throw error;
      await sleep(50);
    }
  }
}

async function keepCalling(): Promise<void> {
  while (goesOn) {
    drawn += 1;
    const id = `${name}/${drawn}`;
    await order(id);
    tell({ taken: id });
  }
}

process.on("message", (word) => {
  if (word === "enough") goesOn = false;
  if (word !== "stop") return;
  void mesh.stop().then(async () => {
    if (connection.class instanceof Pool) await connection.class.end();
    process.disconnect();
  });
});
tell({ ready: name });
await Promise.all(Array.from({ length: isCaller ? 6 : 0 }, keepCalling));
if (isCaller) tell({ called: drawn });
