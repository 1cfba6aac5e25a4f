import { HotMesh } from "../hotmesh.js";

/**
 * One instance in a process of its own: `mesh-process.ts <url> <app> <guid> <topic>...`. It tells its parent when it is
 * there, and of every message its workers begin with; the word `stop` ends it.
 */
const [connection = "", appId = "", guid = "", ...topics] = process.argv.slice(2);
const tell = (what: object): void => void process.send?.(what);

const hotMesh = await HotMesh.init({
  appId,
  guid,
  logLevel: "silent",
  engine: { connection },
  workers: topics.map((topic) => ({
    topic,
    connection,
    callback: async ({ data }) => {
      tell({ guid, topic, id: data["id"], at: Date.now() });
      return { data: { by: guid } };
    },
  })),
});
process.on("message", (word) => {
  if (word !== "stop") return;
  void hotMesh.stop().then(() => process.disconnect());
});
tell({ ready: guid });
