import { identityOf } from "../connect.js";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import type { EventsConfig } from "../system-events.js";
import { activateFunctions } from "./activate-functions.js";
import { type Connection, isReadonly } from "./connection.js";
import { outside } from "./outside.js";

/** Which engine is meant. */
export interface EngineWanted {
  readonly connection: Connection;
  readonly namespace: string;
  readonly events?: EventsConfig | undefined;
  /** Its identity; a new one unless given. */
  readonly guid?: string | undefined;
}

const engines = new Map<string, Promise<HotMesh>>();

/**
 * The engine of a namespace, which the clients of this process share. The first one of a namespace creates the schema
 * and activates what functions need, unless the connection is readonly.
 */
export async function engineOf(wanted: EngineWanted): Promise<HotMesh> {
  const key = identityOf([wanted.connection, wanted.namespace, wanted.events, wanted.guid]);
  const known = engines.get(key);
  if (known !== undefined) {
    const hotMesh = await known;
    if (meshes.has(hotMesh)) return hotMesh;
    // It was stopped by `HotMesh.stop`. Whoever comes first opens it again.
    if (engines.get(key) === known) engines.delete(key);
    return engineOf(wanted);
  }
  const opening = outside(() => open(wanted));
  engines.set(key, opening);
  opening.catch(() => engines.delete(key));
  return opening;
}

/** Stops the engines of all clients. They open them again when they are used. */
export async function stopEngines(): Promise<void> {
  const stopping = [...engines.values()];
  engines.clear();
  await Promise.allSettled(stopping.map(async (opening) => (await opening).stop()));
}

async function open({ connection, namespace, events, guid }: EngineWanted): Promise<HotMesh> {
  const hotMesh = await HotMesh.init({
    appId: namespace,
    engine: { connection },
    ...(events !== undefined && { events }),
    ...(guid !== undefined && { guid }),
  });
  try {
    await activateFunctions(hotMesh, !isReadonly(connection));
    return hotMesh;
  } catch (error) {
    await hotMesh.stop();
    throw error;
  }
}
