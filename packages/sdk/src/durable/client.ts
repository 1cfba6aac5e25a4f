import { codePlanVersion, HotMeshError } from "@hotmesh/core";
import { EscalationsClient } from "../escalations/client.js";
import type { HotMesh } from "../hotmesh.js";
import type { EventsConfig } from "../system-events.js";
import { deployFunctions, isVersion } from "./activate-functions.js";
import { ClientWorkflow } from "./client-workflow.js";
import type { Connection } from "./connection.js";
import { engineOf } from "./engines.js";
import { usualNamespace } from "./worker-config.js";

/** What a client needs. */
export interface ClientConfig {
  /** How to reach Postgres. `readonly: true`: the client starts, signals and asks, and never deploys or works. */
  connection: Connection;
  /** Is told of what its engines do, and of the work items it changes. */
  events?: EventsConfig;
}

/**
 * Starts workflows and talks to them. Its engines are opened on first use, one for each namespace, and are shared with
 * the other clients of the process that have the same connection.
 */
export class Client {
  /** Workflows: start, signal, hook, and handles on them. */
  readonly workflow: ClientWorkflow;
  /** Work items for people, on the same connection. */
  readonly escalations: EscalationsClient;
  readonly #config: ClientConfig;

  constructor(config: ClientConfig) {
    this.#config = config;
    const { connection, events } = config;
    this.workflow = new ClientWorkflow((namespace, guid) => this.#engine(namespace, guid));
    this.escalations = new EscalationsClient({ connection, ...(events !== undefined && { events }) });
  }

  /** The engine of a namespace. It activates what functions need, unless the connection is readonly. */
  readonly getHotMeshClient = async (_taskQueue: string | null, namespace?: string): Promise<HotMesh> =>
    this.#engine(namespace);

  /**
   * Deploys a version of what functions need in a namespace, and activates it.
   *
   * @throws `HotMeshError` of kind `invalid-argument` (400) when the version is no number.
   */
  async deployAndActivate(namespace = usualNamespace, version = codePlanVersion): Promise<void> {
    if (!isVersion(version)) throw new HotMeshError("invalid-argument", "Invalid version number");
    await deployFunctions(await this.#engine(namespace), version);
  }

  #engine(namespace = usualNamespace, guid?: string): Promise<HotMesh> {
    const { connection, events } = this.#config;
    return engineOf({ connection, namespace, events, guid });
  }
}
