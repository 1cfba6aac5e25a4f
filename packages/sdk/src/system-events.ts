import type { EscalationEntry } from "@hotmesh/store-postgres";

export type EngineVerb = "started" | "stopped" | "deployed";
export type WorkerVerb = "started" | "stopped";
export type EscalationVerb = "created" | "claimed" | "released" | "reassigned" | "resolved" | "cancelled" | "expired";

/** Something that has happened (runtime.md 8.5). */
export interface SystemEvent {
  /** The same for what is the same event, however often it is told. */
  event_id: string;
  /** `system.engine.<appId>.started`, `system.worker.<topic>.stopped`, `system.escalation.<id>.resolved`, … */
  type: string;
  /** ISO 8601. */
  ts: string;
  namespace: string;
  app_id: string;
  workflow_id?: string;
  topic?: string;
  origin_id?: string;
  parent_id?: string;
  trace_id?: string;
  span_id?: string;
  /** Of a work item its whole row. */
  data: object;
}

/** Whom to tell. It is not awaited, and what it throws is swallowed. */
export interface EventsConfig {
  publish(event: SystemEvent): void | Promise<void>;
}

/** Tells of events. Nobody waits for the listener, and its errors are its own. */
export class SystemEvents {
  readonly #config: EventsConfig | undefined;

  constructor(config: EventsConfig | undefined) {
    this.#config = config;
  }

  /** Does anybody listen? */
  get isHeard(): boolean {
    return this.#config !== undefined;
  }

  publish(event: SystemEvent): void {
    try {
      // A listener may be asynchronous without saying so.
      void Promise.resolve(this.#config?.publish(event)).catch(() => {});
    } catch {
      // The change is made, and stays so whatever the listener thinks of it.
    }
  }

  escalations(verb: EscalationVerb, entries: readonly EscalationEntry[]): void {
    if (this.isHeard) for (const entry of entries) this.publish(escalationEvent(verb, entry));
  }
}

export function escalationEvent(verb: EscalationVerb, entry: EscalationEntry): SystemEvent {
  const at = entry.updated_at.toISOString();
  const { workflow_id, topic, origin_id, parent_id, trace_id, span_id } = entry;
  return {
    event_id: `${entry.id}:${verb}:${at}`,
    type: `system.escalation.${entry.id}.${verb}`,
    ts: at,
    namespace: entry.namespace,
    app_id: entry.app_id,
    ...given({ workflow_id, topic, origin_id, parent_id, trace_id, span_id }),
    data: entry,
  };
}

type Optional = "workflow_id" | "topic" | "origin_id" | "parent_id" | "trace_id" | "span_id";

function given(values: Record<Optional, string | null>): Partial<Record<Optional, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
