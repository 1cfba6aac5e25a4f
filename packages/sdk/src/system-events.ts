import type { EscalationEntry } from "@hotmesh/store-postgres";

/** What happens to an engine; `deployed`: it created or migrated the schema. */
export type EngineVerb = "started" | "stopped" | "deployed";
/** What happens to a worker. */
export type WorkerVerb = "started" | "stopped";
/** What happens to a work item. */
export type EscalationVerb = "created" | "claimed" | "released" | "reassigned" | "resolved" | "cancelled" | "expired";

/** Something that has happened. */
export interface SystemEvent {
  /** The same for what is the same event, however often it is told. */
  event_id: string;
  /** `system.engine.<appId>.started`, `system.worker.<topic>.stopped`, `system.escalation.<id>.resolved`, … */
  type: string;
  /** ISO 8601. */
  ts: string;
  /** Of the app. */
  namespace: string;
  /** The app. */
  app_id: string;
  /** The job that waits for a work item. */
  workflow_id?: string;
  /** Of a worker, or of a work item's signal. */
  topic?: string;
  /** The first job of the chain. */
  origin_id?: string;
  /** The job that awaits the one that waits. */
  parent_id?: string;
  /** Trace it belongs to. */
  trace_id?: string;
  /** Span it belongs to. */
  span_id?: string;
  /** Of a work item its whole row. */
  data: object;
}

/** Whom to tell. It is not awaited, and what it throws is swallowed. */
export interface EventsConfig {
  /** Is called with each event, in the process that made the change. */
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
