import type { Clock } from "@hotmesh/core";
import type { HotMeshConfig } from "./config.js";
import { type EngineVerb, SystemEvents, type WorkerVerb } from "./system-events.js";

/** Tells that the engine and the workers of an instance have begun and ended. */
export class LifeEvents {
  readonly #config: HotMeshConfig;
  readonly #guid: string;
  readonly #clock: Clock;
  readonly #events: SystemEvents;

  constructor(config: HotMeshConfig, guid: string, clock: Clock) {
    this.#config = config;
    this.#guid = guid;
    this.#clock = clock;
    this.#events = new SystemEvents(config.events);
  }

  /** `migrated`: the schema of the app was created or changed for this instance. */
  begin(migrated: boolean): void {
    if (migrated) this.#engine("deployed");
    if (this.#config.engine !== undefined) this.#engine("started");
    this.#workers("started");
  }

  end(): void {
    this.#workers("stopped");
    if (this.#config.engine !== undefined) this.#engine("stopped");
  }

  #engine(verb: EngineVerb): void {
    this.#publish(`system.engine.${this.#config.appId}.${verb}`, { guid: this.#guid });
  }

  #workers(verb: WorkerVerb): void {
    for (const { topic, taskQueue = topic, workflowName } of this.#config.workers ?? []) {
      const named = workflowName !== undefined && { workflow_name: workflowName };
      this.#publish(`system.worker.${taskQueue}.${verb}`, { guid: this.#guid, topic, ...named });
    }
  }

  #publish(type: string, data: { readonly guid: string; readonly topic?: string }): void {
    const { namespace = "hmsh", appId } = this.#config;
    const ts = new Date(this.#clock.now()).toISOString();
    this.#events.publish({
      event_id: `${data.guid}:${type}:${ts}`,
      type,
      ts,
      namespace,
      app_id: appId,
      ...(data.topic !== undefined && { topic: data.topic }),
      data,
    });
  }
}
