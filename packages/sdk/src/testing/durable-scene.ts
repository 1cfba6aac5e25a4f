import { Client } from "pg";
import { inject } from "vitest";
import { Durable } from "../durable/durable.js";
import type { WorkerConfig } from "../durable/worker-config.js";
import type { WorkflowOptions } from "../durable/workflow-options.js";

/** A namespace on the PostgreSQL of the tests, and what is made in it. */
export class DurableScene {
  readonly namespace: string;
  readonly #namespaces = new Set<string>();
  readonly connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
  readonly client = new Durable.Client({ connection: this.connection });

  constructor(name: string) {
    this.namespace = this.#own(`${name}${process.pid}`);
  }

  /** A namespace beside the first one. */
  another(name: string): string {
    return this.#own(`${this.namespace}-${name}`);
  }

  /** A worker that logs nothing. */
  work(taskQueue: string, workflow: WorkerConfig["workflow"], over: Partial<WorkerConfig> = {}) {
    const { connection, namespace } = this;
    const options = { logLevel: "silent" as const, ...over.options };
    return Durable.Worker.create({ connection, namespace, taskQueue, workflow, ...over, options });
  }

  start(taskQueue: string, workflowName: string, over: Partial<WorkflowOptions> = {}) {
    return this.client.workflow.start({ namespace: this.namespace, taskQueue, workflowName, args: [], ...over });
  }

  /** Starts a workflow, and waits for what it returns. */
  async run<Result = unknown>(taskQueue: string, workflowName: string, over: Partial<WorkflowOptions> = {}) {
    const handle = await this.start(taskQueue, workflowName, over);
    return handle.result<Result>();
  }

  /** Rows of a view of the namespace. */
  rows(view: string): Promise<readonly Record<string, unknown>[]> {
    return this.sql(`select * from "${this.namespace}".${view}`);
  }

  async sql(text: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const client = new Client(this.connection.options);
    await client.connect();
    try {
      return (await client.query(text, [...parameters])).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Durable.shutdown();
    for (const namespace of this.#namespaces) await this.sql(`drop schema if exists "${namespace}" cascade`);
  }

  #own(namespace: string): string {
    this.#namespaces.add(namespace);
    return namespace;
  }
}
