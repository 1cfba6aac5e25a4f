import { randomUUID } from "node:crypto";
import { guid as drawGuid } from "@hotmesh/core";
import { readEnvironment } from "../environment.js";
import { Escalations } from "../escalations/escalations.js";
import { HotMesh } from "../hotmesh.js";
import { stopActivityConsumers } from "./activity-consumers.js";
import { activity } from "./activity-context.js";
import { registerActivityWorker } from "./activity-worker.js";
import { Client } from "./client.js";
import { Connection } from "./connection.js";
import { stopEngines } from "./engines.js";
import { Entity } from "./entity.js";
import { didInterrupt } from "./errors.js";
import { WorkflowHandle } from "./handle.js";
import {
  clearActivityInboundInterceptors,
  clearInterceptors,
  clearOutboundInterceptors,
  registerActivityInboundInterceptor,
  registerInboundInterceptor,
  registerOutboundInterceptor,
} from "./interceptors.js";
import { Search } from "./search.js";
import { Worker } from "./worker.js";
import { workflow } from "./workflow.js";

/**
 * Durable workflows, written as functions: what they have done is recorded, so they go on where they were whatever
 * becomes of the process.
 *
 * @example
 * ```ts
 * const connection = { class: Client, options: { connectionString: "postgresql://localhost/parcels" } };
 * await Durable.Worker.create({ connection, taskQueue: "parcels", workflow: deliver, activities });
 * const client = new Durable.Client({ connection });
 * const handle = await client.workflow.start({ taskQueue: "parcels", workflowName: "deliver", args: ["P1"] });
 * const delivered = await handle.result();
 * ```
 */
export const Durable = {
  /** Starts workflows and talks to them. */
  Client,
  /** Where workflows are. */
  Connection,
  /** Serves workflow functions and activities. */
  Worker,
  /** One workflow, running or over. */
  Handle: WorkflowHandle,
  /** Flat data on jobs. */
  Search,
  /** The JSON documents of jobs. */
  Entity,
  /** What workflow functions call. */
  workflow,
  /** What activities call. */
  activity,
  /** Serves activities without serving workflows. */
  registerActivityWorker,
  /** True of every error that speaks to the library and not to the function. */
  didInterrupt,
  /** Adds an interceptor of workflow functions. */
  registerInboundInterceptor,
  /** The same as `registerInboundInterceptor`. */
  registerInterceptor: registerInboundInterceptor,
  /** Adds an interceptor of calls of activities inside workflows. */
  registerOutboundInterceptor,
  /** The same as `registerOutboundInterceptor`. */
  registerActivityInterceptor: registerOutboundInterceptor,
  /** Adds an interceptor of activities where they are executed. */
  registerActivityInboundInterceptor,
  /** Removes the interceptors of all kinds. */
  clearInterceptors,
  /** Removes the interceptors of calls of activities. */
  clearOutboundInterceptors,
  /** Removes the interceptors of activities where they are executed. */
  clearActivityInboundInterceptors,
  /** Has objects and lists encoded wherever Postgres keeps them; null ends it. */
  registerCodec: HotMesh.registerCodec,
  /** Makes a login that can work on these streams of a namespace, and do nothing else. */
  provisionWorkerRole: HotMesh.provisionWorkerRole,
  /** Gives a worker role a new password. */
  rotateWorkerPassword: HotMesh.rotateWorkerPassword,
  /** Ends a worker role. */
  revokeWorkerRole: HotMesh.revokeWorkerRole,
  /** The worker roles of a namespace, those that are revoked too. */
  listWorkerRoles: HotMesh.listWorkerRoles,

  /** A new unique id: `H` and `size` characters of `A-Za-z0-9_-`; 22 unless given, at most 32. */
  guid(size: number = readEnvironment().guidSize): string {
    return drawGuid(globalThis.crypto, Math.min(32, Math.max(1, Math.floor(size))));
  },

  /** A new random UUID. */
  uuid(): string {
    return randomUUID();
  },

  /** Stops every client, worker and engine of this process. Afterwards everything may be used again. */
  async shutdown(): Promise<void> {
    await Worker.shutdown();
    await stopActivityConsumers();
    await stopEngines();
    await HotMesh.stop();
    await Escalations.shutdown();
  },
} as const;
