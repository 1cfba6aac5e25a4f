import { Client } from "pg";
import { HotMesh } from "../hotmesh.js";

/**
 * A worker in a process that knows a role and no other login: `role-process.ts <config>`, JSON. It tells its parent
 * when it is there, and of every message that it begins with; the word `go` ends all callbacks, `stop` the process.
 */
export interface RoleProcess {
  readonly appId: string;
  readonly guid: string;
  readonly topic: string;
  readonly options: object;
  readonly workerCredentials: { readonly user: string; readonly password: string };
}

const config: RoleProcess = JSON.parse(process.argv[2] ?? "{}");
const { appId, guid, topic, options, workerCredentials } = config;
const tell = (what: object): void => void process.send?.(what);
const told = new Promise<void>((resolve) => process.on("message", (word) => word === "go" && resolve()));

const worker = await HotMesh.init({
  appId,
  guid,
  logLevel: "silent",
  workers: [
    {
      topic,
      connection: { class: Client, options },
      workerCredentials,
      callback: async ({ data }) => {
        tell({ guid, id: data["id"] });
        await told;
        return { data: { by: guid } };
      },
    },
  ],
});
process.on("message", (word) => {
  if (word === "stop") void worker.stop().then(() => process.disconnect());
});
tell({ ready: guid });
