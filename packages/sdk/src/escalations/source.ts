import { HotMeshError } from "@hotmesh/core";
import { type OpenWorkItems, openWorkItems, type WorkItems } from "@hotmesh/store-postgres";
import { backends } from "../backends.js";
import type { AnyBackend, ConnectedConfig } from "../config.js";
import { routesOf } from "../connect.js";

/** Where work items are: a connection, or instances that have one. */
export interface EscalationsConfig {
  /** How to reach Postgres; the database's work items are those of all its apps. */
  connection?: ConnectedConfig["connection"];
  /** As of `Durable.Client`: an instance of the app, or of any app when none is named. */
  getHotMeshClient?: (taskQueue: string | null, namespace?: string) => Promise<object>;
}

const opened = new Set<OpenWorkItems>();

/** How a client comes to the items of an app; the table is one, but apps may be in several databases. */
export function itemsSource(config: EscalationsConfig): (app: string | undefined) => Promise<WorkItems> {
  const { connection, getHotMeshClient } = config;
  if (connection === undefined) {
    if (getHotMeshClient === undefined) {
      throw new HotMeshError("invalid-config", "Escalations.Client needs a connection, or getHotMeshClient");
    }
    return async (app) => itemsOf(await getHotMeshClient(null, app));
  }
  const routes = routesOf({ connection }, "config");
  let open: OpenWorkItems | null = null;
  return async () => {
    // Anew after a shutdown: a client may be used again.
    if (open === null || !opened.has(open)) open = openWorkItems(routes.connection);
    opened.add(open);
    return open.items;
  };
}

/** Closes what the clients of this process have opened. They open it again when they are used. */
export async function shutdown(): Promise<void> {
  const closing = [...opened];
  opened.clear();
  await Promise.all(closing.map((one) => one.close()));
}

/** The work items beside a storage; null where it has none. */
export function itemsIn(backend: AnyBackend): WorkItems | null {
  return "workItems" in backend ? (backend.workItems as WorkItems) : null;
}

function itemsOf(hotMesh: object): WorkItems {
  const backend = backends.get(hotMesh);
  const items = backend === undefined ? null : itemsIn(backend);
  if (items !== null) return items;
  const message = "getHotMeshClient gave no HotMesh instance on PostgreSQL; work items need one";
  throw new HotMeshError("invalid-config", message);
}
