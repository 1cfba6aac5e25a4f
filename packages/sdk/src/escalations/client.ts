import type { JsonObject } from "@hotmesh/core";
import type {
  CreateEscalation,
  EscalationEntry,
  EscalationFilter,
  MigrateEscalation,
  UpdateEscalation,
  WorkItems,
} from "@hotmesh/store-postgres";
import { type EventsConfig, SystemEvents } from "../system-events.js";
import { claimMinutes, count, distinct, horizon } from "./checks.js";
import type {
  AllOrNoneReason,
  CancelResult,
  ClaimByMetadata,
  ClaimByMetadataResult,
  ClaimEscalation,
  ClaimResult,
  EscalationStats,
  EscalationStatsParams,
  ListEscalations,
  PruneEscalations,
  ReleaseResult,
  ResolveAllOrNone,
  ResolveAllOrNoneResult,
  ResolveByMetadata,
  ResolveEscalation,
  ResolveResult,
} from "./params.js";
import { type EscalationsConfig, itemsSource } from "./source.js";
import { statsOf } from "./stats.js";

/** Where the work items are, and who hears of changes. */
export interface EscalationsClientConfig extends EscalationsConfig {
  /** Is told of each change that this client makes. */
  events?: EventsConfig;
}

const periodSeconds = { "1h": 3_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;

/**
 * A queue of work items for people. Whoever resolves or cancels an item wakes the job that waits for
 * it in the same transaction, whatever becomes of this process afterwards. `namespace` and `ns` name an app by its id;
 * outside of the usual HotMesh namespace it is `<namespace>.<app id>`. Calls without one are about all apps.
 */
export class EscalationsClient {
  readonly #items: (app: string | undefined) => Promise<WorkItems>;
  readonly #events: SystemEvents;

  constructor(config: EscalationsClientConfig) {
    this.#items = itemsSource(config);
    this.#events = new SystemEvents(config.events);
  }

  /** A task of its own: nobody waits for it, unless `topic` and `signalKey` say who is to be signalled. */
  async create(params: CreateEscalation): Promise<EscalationEntry> {
    const app = params.namespace ?? "durable";
    const entry = await (await this.#items(app)).create(params, app);
    this.#events.escalations("created", [entry]);
    return entry;
  }

  /** One item; null: there is none, or not in this app. */
  async get(id: string, ns?: string): Promise<EscalationEntry | null> {
    return (await this.#items(ns)).get(id, ns);
  }

  /** The pending item of a key, or else its last one. */
  async getBySignalKey(key: string, ns?: string): Promise<EscalationEntry | null> {
    return (await this.#items(ns)).getBySignalKey(key, ns);
  }

  /**
   * A page of the items that fulfil what is given: the most urgent first, then the newest, 50 unless told otherwise.
   */
  async list(params: ListEscalations = {}): Promise<EscalationEntry[]> {
    const { sortBy, sortOrder, orderBy, limit = 50, offset = 0, ...filter } = params;
    const most = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const page = { limit: count("limit", limit, most), offset: count("offset", offset, most) };
    const usual = [{ field: "priority" }, { field: "created_at", order: "desc" }] as const;
    const sorted =
      sortBy === undefined ? usual : [{ field: sortBy, ...(sortOrder !== undefined && { order: sortOrder }) }];
    return (await this.#items(filter.namespace)).list(filter, { ...page, orderBy: orderBy ?? sorted });
  }

  /** How many items fulfil what is given. */
  async count(params: EscalationFilter = {}): Promise<number> {
    return (await this.#items(params.namespace)).count(params);
  }

  /** Merges metadata and replaces everything else that is given; null when there is no such item. */
  async update(params: UpdateEscalation): Promise<EscalationEntry | null> {
    return (await this.#items(params.namespace)).update(params);
  }

  /** Adds to the item's history; each gets `created_at` unless it brings one. */
  async appendMilestones(params: { id: string; milestones: readonly JsonObject[] }): Promise<EscalationEntry | null> {
    return (await this.#items(undefined)).appendMilestones(params.id, params.milestones);
  }

  /** Takes an item for some minutes. It stays pending: a claim lapses by the clock. */
  async claim({ id, namespace, assignee, durationMinutes }: ClaimEscalation): Promise<ClaimResult> {
    const terms = { id, namespace, assignee: assignee ?? null, minutes: claimMinutes(durationMinutes) };
    const result = await (await this.#items(namespace)).claim(terms);
    if (!result.ok) return { ok: false, reason: result.reason };
    this.#events.escalations("claimed", [result.entry]);
    return result;
  }

  /** Claims the most urgent, then oldest item with this in its metadata. Concurrent callers get different ones. */
  async claimByMetadata(params: ClaimByMetadata): Promise<ClaimByMetadataResult> {
    const { namespace, assignee, durationMinutes, metadata } = params;
    const items = await this.#items(namespace);
    const minutes = claimMinutes(durationMinutes);
    const result = await items.claimFirst({ filter: named(params), assignee: assignee ?? null, minutes, metadata });
    const { candidatesExist } = result;
    if (!result.ok) return { ok: false, reason: result.reason, candidatesExist };
    this.#events.escalations("claimed", [result.entry]);
    return result;
  }

  /** Gives an item back before its claim has lapsed. */
  async release({ id, assignee }: { id: string; assignee?: string }): Promise<ReleaseResult> {
    const result = await (await this.#items(undefined)).release(id, assignee ?? null);
    if (!result.ok) return { ok: false, reason: result.reason };
    if (result.wasClaimed) this.#events.escalations("released", [result.entry]);
    return { ok: true, entry: result.entry };
  }

  /** Hands a pending item to another role and ends its claim. */
  async escalateToRole(params: { id: string; targetRole: string }): Promise<EscalationEntry | null> {
    const [entry] = await (await this.#items(undefined)).handToRole([params.id], params.targetRole);
    if (entry === undefined) return null;
    this.#events.escalations("reassigned", [entry]);
    return entry;
  }

  /** Closes an item and wakes who waits for it, both or neither. Of several who do so at once, one succeeds. */
  async resolve(params: ResolveEscalation, ns?: string): Promise<ResolveResult> {
    const { id, resolverPayload = null, metadata = null, assertClaim } = params;
    const items = await this.#items(ns);
    const result = await items.resolve({ id, payload: resolverPayload, metadata }, { namespace: ns, assertClaim });
    if (!result.ok) return { ok: false, reason: result.reason };
    this.#events.escalations("resolved", [result.entry]);
    return { ok: true, entry: result.entry };
  }

  /** As `resolve`, for the most urgent pending item with this in its metadata. */
  async resolveByMetadata(params: ResolveByMetadata): Promise<ResolveResult> {
    const { namespace, resolverPayload, metadata } = params;
    const id = await (await this.#items(namespace)).idByMetadata(named(params));
    if (id === null) return { ok: false, reason: "not-found" };
    const payload = resolverPayload !== undefined && { resolverPayload };
    return this.resolve({ id, ...payload, ...(metadata !== undefined && { metadata }) }, namespace);
  }

  /** Closes an item that is not to be done. Who waits is woken with `{ cancelled: true }`. */
  async cancel(id: string, ns?: string): Promise<CancelResult> {
    const result = await (await this.#items(ns)).cancel(id, ns);
    if (!result.ok) return { ok: false, reason: result.reason };
    this.#events.escalations("cancelled", [result.entry]);
    return { ok: true, entry: result.entry };
  }

  /** How many were claimed, and how many were not because others hold them or they are over. */
  async claimMany(params: {
    ids: readonly string[];
    assignee: string;
    durationMinutes?: number;
    namespace?: string;
  }): Promise<{ claimed: number; skipped: number }> {
    const { ids, assignee, durationMinutes, namespace } = params;
    const items = await this.#items(namespace);
    const entries = await items.claimMany({ ids, assignee, minutes: claimMinutes(durationMinutes), namespace });
    this.#events.escalations("claimed", entries);
    return { claimed: entries.length, skipped: new Set(ids).size - entries.length };
  }

  /** The number of pending items that were handed over. */
  async escalateManyToRole(params: { ids: readonly string[]; targetRole: string }): Promise<number> {
    return (await (await this.#items(undefined)).handToRole(params.ids, params.targetRole)).length;
  }

  /** The number of pending items whose priority was set. */
  async updateManyPriority(params: { ids: readonly string[]; priority: number }): Promise<number> {
    const priority = count("priority", params.priority, { from: -2_147_483_647, to: 2_147_483_647 });
    return (await this.#items(undefined)).setPriority(params.ids, priority);
  }

  /** Resolves pending items that have no signal key. Items that somebody waits for are left alone. */
  async resolveMany(params: {
    ids: readonly string[];
    resolverPayload?: ResolveEscalation["resolverPayload"];
    metadata?: JsonObject;
  }): Promise<EscalationEntry[]> {
    const { ids, resolverPayload = null, metadata = null } = params;
    const entries = await (await this.#items(undefined)).resolveStandAlone({ ids, payload: resolverPayload, metadata });
    this.#events.escalations("resolved", entries);
    return entries;
  }

  /** Resolves all items and wakes all who wait for them in one transaction; nothing happens when one is refused. */
  async resolveAllOrNone(params: ResolveAllOrNone): Promise<ResolveAllOrNoneResult> {
    const { items, metadata = null, assertAssignee } = params;
    distinct(items.map(({ id }) => id));
    if (items.length === 0) return { ok: true, entries: [] };
    const closings = items.map(({ id, resolverPayload = null }) => ({ id, payload: resolverPayload, metadata }));
    const refuse = (entry: EscalationEntry | null): AllOrNoneReason | null => {
      if (entry === null) return "not-found";
      if (entry.status !== "pending") return `already-${entry.status}`;
      return assertAssignee === undefined || entry.assigned_to === assertAssignee ? null : "assignee-mismatch";
    };
    const { entries, failed } = await (await this.#items(undefined)).resolveAllOrNone(closings, refuse);
    if (failed.length > 0) return { ok: false, failed };
    this.#events.escalations("resolved", entries);
    return { ok: true, entries };
  }

  /** Takes an item over with its id and its whole life; null when there is one with the id. */
  async migrate(params: MigrateEscalation): Promise<EscalationEntry | null> {
    const app = params.namespace ?? "durable";
    return (await this.#items(app)).migrate(params, app);
  }

  /** Always 0: claims lapse by the clock, and nothing has to be written for it. */
  async releaseExpired(_ns?: string): Promise<number> {
    return 0;
  }

  /** What waits, what is claimed, and what came and was resolved in the period, as a whole and by role and type. */
  async stats({ roles, period = "24h", namespace }: EscalationStatsParams = {}): Promise<EscalationStats> {
    const seconds = periodSeconds[period];
    const options = { seconds, ...(roles !== undefined && { roles }), ...(namespace !== undefined && { namespace }) };
    return statsOf(await (await this.#items(namespace)).counts(options));
  }

  /** The types there are, in the order of their characters. */
  async listDistinctTypes(ns?: string): Promise<string[]> {
    return (await this.#items(ns)).distinctTypes(ns);
  }

  /** Deletes items that have been over for long, the oldest first. Pending ones stay, however old. */
  async prune(params: PruneEscalations): Promise<{ deleted: number }> {
    const { olderThan, statuses = ["resolved", "cancelled", "expired"], namespace, limit = 10_000 } = params;
    const items = await this.#items(namespace);
    const before = horizon(olderThan, Date.now());
    const most = Math.min(100_000, count("limit", limit, { from: 0, to: Number.MAX_SAFE_INTEGER }));
    return { deleted: await items.prune({ before, statuses, namespace, limit: most }) };
  }
}

function named({ key, value, roles, namespace }: Pick<ClaimByMetadata, "key" | "value" | "roles" | "namespace">) {
  return {
    metadata: { [key]: value },
    ...(roles !== undefined && { roles }),
    ...(namespace !== undefined && { namespace }),
  };
}
