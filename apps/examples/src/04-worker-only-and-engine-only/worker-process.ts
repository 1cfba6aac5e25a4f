// A process that only works: no graph, no compiler, no interpreter runs here. It ends when it is told to.
import { Canceller, guid, timerClock } from "@hotmesh/core";
import { openPostgres } from "@hotmesh/store-postgres";
import { Worker } from "@hotmesh/worker";

const [, , connection = ""] = process.argv;
const backend = await openPostgres({ connection, namespace: "hmsh", appId: "apart" });
const { stream, sub } = backend;
const worker = new Worker({
  topic: "math.square",
  entries: [
    { name: null, callback: async ({ data }) => ({ data: { squared: Number(data["n"]) ** 2, by: process.pid } }) },
  ],
  stream,
  sub,
  clock: timerClock(globalThis),
  guid: guid(globalThis.crypto),
});
const stop = new Canceller();
process.once("disconnect", () => stop.cancel());
console.log(`worker ${process.pid}: waiting for work`);
await worker.run(stop);
await backend.close();
