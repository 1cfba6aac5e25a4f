import type { Connection } from "../config.js";
import { identityOf } from "../connect.js";
import { isReadonly } from "../durable/connection.js";
import { outside } from "../durable/outside.js";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import { activateGraphs } from "./activate-graphs.js";

const engines = new Map<string, Promise<HotMesh>>();

/** The engine of a namespace that the callers of this process share. The first one makes what is missing. */
export async function engineOf(connection: Connection, namespace: string): Promise<HotMesh> {
  const key = identityOf([connection, namespace]);
  const known = engines.get(key);
  if (known !== undefined) {
    const hotMesh = await known;
    if (meshes.has(hotMesh)) return hotMesh;
    // It was stopped by `HotMesh.stop`. Whoever comes first opens it again.
    if (engines.get(key) === known) engines.delete(key);
    return engineOf(connection, namespace);
  }
  const opening = outside(() => open(connection, namespace));
  engines.set(key, opening);
  opening.catch(() => engines.delete(key));
  return opening;
}

/** Stops them all. They are opened again when they are used. */
export async function stopEngines(): Promise<void> {
  const stopping = [...engines.values()];
  engines.clear();
  await Promise.allSettled(stopping.map(async (opening) => (await opening).stop()));
}

async function open(connection: Connection, namespace: string): Promise<HotMesh> {
  const hotMesh = await HotMesh.init({ appId: namespace, engine: { connection } });
  try {
    await activateGraphs(hotMesh, !isReadonly(connection));
    return hotMesh;
  } catch (error) {
    await hotMesh.stop();
    throw error;
  }
}
