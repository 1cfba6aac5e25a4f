import type { Json, JsonObject } from "@hotmesh/core";
import type {
  EscalationEntry,
  EscalationFilter,
  EscalationOrder,
  EscalationSortField,
  EscalationStatus,
  ItemCounts,
} from "@hotmesh/store-postgres";

export interface ListEscalations extends EscalationFilter {
  sortBy?: EscalationSortField;
  sortOrder?: "asc" | "desc";
  /** Wins over `sortBy`. Priority first and then the newest, unless given. */
  orderBy?: readonly EscalationOrder[];
  /** 50. */
  limit?: number;
  offset?: number;
}

export interface ClaimEscalation {
  id: string;
  namespace?: string;
  /** Who claims an item again extends the claim. Without a name nobody can. */
  assignee?: string;
  /** 1. */
  durationMinutes?: number;
}

export interface ByMetadata {
  key: string;
  value: Json;
  namespace?: string;
  roles?: readonly string[];
  /** Merged into the item's. */
  metadata?: JsonObject;
}

export interface ClaimByMetadata extends ByMetadata {
  assignee?: string;
  durationMinutes?: number;
}

export interface ResolveEscalation {
  id: string;
  /** What whoever waits is given, and what the row shows. */
  resolverPayload?: Json;
  metadata?: JsonObject;
  /** Refuse while somebody else's claim is live, or when this person's own has lapsed. */
  assertClaim?: string;
}

export interface ResolveByMetadata extends ByMetadata {
  resolverPayload?: Json;
}

export interface ResolveAllOrNone {
  items: readonly { id: string; resolverPayload?: Json }[];
  metadata?: JsonObject;
  /** Each item has to be assigned to this person. */
  assertAssignee?: string;
}

export interface PruneEscalations {
  /** Over since before this: a Date, its ISO text, or a duration such as `'30 days'` back from now. */
  olderThan: Date | string;
  statuses?: readonly EscalationStatus[];
  namespace?: string;
  /** 10,000; at most 100,000. */
  limit?: number;
}

export interface EscalationStatsParams {
  roles?: readonly string[];
  /** `24h`. */
  period?: "1h" | "24h" | "7d" | "30d";
  namespace?: string;
}

export interface EscalationStats extends ItemCounts {
  by_role: (ItemCounts & { role: string | null })[];
  by_type: (ItemCounts & { type: string | null })[];
}

export type Refused<Reason extends string> = { ok: false; reason: Reason };
export type ClaimResult =
  | { ok: true; entry: EscalationEntry; isExtension: boolean }
  | Refused<"not-found" | "conflict">;
export type ClaimByMetadataResult = ClaimResult & { candidatesExist: number };
export type ReleaseResult = { ok: true; entry: EscalationEntry } | Refused<"not-found" | "wrong-assignee">;
export type ResolveReason =
  | "not-found"
  | "already-resolved"
  | "already-cancelled"
  | "already-expired"
  | "claim-expired"
  | "claimed-by-other";
export type ResolveResult = { ok: true; entry: EscalationEntry } | Refused<ResolveReason>;
export type CancelResult = { ok: true; entry: EscalationEntry } | Refused<"not-found" | "already-terminal">;
export type AllOrNoneReason =
  | "not-found"
  | "already-resolved"
  | "already-cancelled"
  | "already-expired"
  | "assignee-mismatch";
export type ResolveAllOrNoneResult =
  | { ok: true; entries: EscalationEntry[] }
  | { ok: false; failed: { id: string; reason: AllOrNoneReason }[] };
