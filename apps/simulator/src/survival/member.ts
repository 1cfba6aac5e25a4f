import { randomUUID } from "node:crypto";
import { HotMesh } from "@hotmesh/sdk";
import { Client, Pool } from "pg";
import { workTopics } from "./document.js";

/**
 * One process of a mesh that is going to be killed: `member.ts <url> <app> <name> <ledger url>`. Before a callback
 * answers it notes its claim in the ledger, with a nonce that is also its answer.
 */
const [url = "", appId = "", name = "", ledgerUrl = ""] = process.argv.slice(2);
const ledger = new Pool({ connectionString: ledgerUrl, max: 2 });
// The ledger's server is killed as well; the claim that fails fails its callback, and that is tried again.
ledger.on("error", () => {});
const connection = { class: Client, options: { connectionString: url } };

const worker = (topic: string) => ({
  topic,
  connection,
  retryPolicy: { maximumAttempts: 1_000, backoffCoefficient: 1, maximumInterval: 1 },
  callback: async ({ data }: { data: Record<string, unknown> }) => {
    const nonce = randomUUID();
    await ledger.query("insert into claim (job, topic, nonce, member) values ($1, $2, $3, $4)", [
      ...[data["id"], topic, nonce, name],
    ]);
    return { data: { nonce } };
  },
});

process.on("unhandledRejection", (reason) => process.send?.({ unhandled: String(reason) }));

async function join(): Promise<HotMesh> {
  for (;;) {
    try {
      const workers = workTopics.map(worker);
      return await HotMesh.init({ appId, guid: name, logLevel: "silent", engine: { connection }, workers });
    } catch {
      // The server is being restarted, or the connection was cut.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

await join();
process.send?.({ ready: name });
process.on("disconnect", () => process.exit(0));
