import type { Json, JsonObject } from "@hotmesh/core";
import type {
  EscalationEntry,
  EscalationFilter,
  EscalationOrder,
  EscalationSortField,
  EscalationStatus,
  ItemCounts,
} from "@hotmesh/store-postgres";

/** Which items to list, and how. */
export interface ListEscalations extends EscalationFilter {
  /** One column to sort by. */
  sortBy?: EscalationSortField;
  /** With `sortBy`: `asc` unless given. */
  sortOrder?: "asc" | "desc";
  /** Wins over `sortBy`. Priority first and then the newest, unless given. */
  orderBy?: readonly EscalationOrder[];
  /** 50. */
  limit?: number;
  /** How many to leave out before the first; 0. */
  offset?: number;
}

/** Which item to claim, and for whom. */
export interface ClaimEscalation {
  /** The item. */
  id: string;
  /** The app it has to be of. */
  namespace?: string;
  /** Who claims an item again extends the claim. Without a name nobody can. */
  assignee?: string;
  /** 1. */
  durationMinutes?: number;
}

export interface ByMetadata {
  /** Of the metadata. */
  key: string;
  /** Of the metadata under the key; compared as JSON. */
  value: Json;
  /** The app: its id, or `<namespace>.<app id>`. */
  namespace?: string;
  /** Only of these roles. */
  roles?: readonly string[];
  /** Merged into the item's. */
  metadata?: JsonObject;
}

/** Which item to claim, by what its metadata has under a key. */
export interface ClaimByMetadata extends ByMetadata {
  /** Who claims an item again extends the claim. Without a name nobody can. */
  assignee?: string;
  /** 1. */
  durationMinutes?: number;
}

/** Which item to resolve, and with what. */
export interface ResolveEscalation {
  /** The item. */
  id: string;
  /** What whoever waits is given, and what the row shows. */
  resolverPayload?: Json;
  /** Merged into the item's. */
  metadata?: JsonObject;
  /** Refuse while somebody else's claim is live, or when this person's own has lapsed. */
  assertClaim?: string;
}

/** Which item to resolve, by what its metadata has under a key. */
export interface ResolveByMetadata extends ByMetadata {
  /** What whoever waits is given, and what the row shows. */
  resolverPayload?: Json;
}

/** Which items to resolve together. */
export interface ResolveAllOrNone {
  /** The items, each with what whoever waits for it is given. */
  items: readonly { id: string; resolverPayload?: Json }[];
  /** Merged into that of each. */
  metadata?: JsonObject;
  /** Each item has to be assigned to this person. */
  assertAssignee?: string;
}

/** Which items to delete. */
export interface PruneEscalations {
  /** Over since before this: a Date, its ISO text, or a duration such as `'30 days'` back from now. */
  olderThan: Date | string;
  /** `resolved`, `cancelled` and `expired` unless given; pending ones stay all the same. */
  statuses?: readonly EscalationStatus[];
  /** Of this app only. */
  namespace?: string;
  /** 10,000; at most 100,000. */
  limit?: number;
}

/** What to count. */
export interface EscalationStatsParams {
  /** Only of these roles. */
  roles?: readonly string[];
  /** `24h`. */
  period?: "1h" | "24h" | "7d" | "30d";
  /** Of this app only. */
  namespace?: string;
}

/** Numbers of items, as a whole and by role and type. */
export interface EscalationStats extends ItemCounts {
  /** By role; null: the items have none. */
  by_role: (ItemCounts & { role: string | null })[];
  /** By type; null: the items have none. */
  by_type: (ItemCounts & { type: string | null })[];
}

export type Refused<Reason extends string> = { ok: false; reason: Reason };
/** The item that was claimed, and whether that extended a claim; or why it was not. */
export type ClaimResult =
  | { ok: true; entry: EscalationEntry; isExtension: boolean }
  | Refused<"not-found" | "conflict">;
/** As `ClaimResult`; `candidatesExist` is the number of pending items that have the metadata. */
export type ClaimByMetadataResult = ClaimResult & { candidatesExist: number };
/** The item that was given back, or why it was not. */
export type ReleaseResult = { ok: true; entry: EscalationEntry } | Refused<"not-found" | "wrong-assignee">;
/** Why an item was not resolved. */
export type ResolveReason =
  | "not-found"
  | "already-resolved"
  | "already-cancelled"
  | "already-expired"
  | "claim-expired"
  | "claimed-by-other";
/** The item that was resolved, or why it was not. */
export type ResolveResult = { ok: true; entry: EscalationEntry } | Refused<ResolveReason>;
/** The item that was cancelled, or why it was not. */
export type CancelResult = { ok: true; entry: EscalationEntry } | Refused<"not-found" | "already-terminal">;
/** Why an item was not resolved, and with it no other. */
export type AllOrNoneReason =
  | "not-found"
  | "already-resolved"
  | "already-cancelled"
  | "already-expired"
  | "assignee-mismatch";
/** All items, resolved; or which of them were refused, and why. */
export type ResolveAllOrNoneResult =
  | { ok: true; entries: EscalationEntry[] }
  | { ok: false; failed: { id: string; reason: AllOrNoneReason }[] };
