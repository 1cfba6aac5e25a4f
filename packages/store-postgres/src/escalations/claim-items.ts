import type { JsonObject } from "@hotmesh/core";
import { sql } from "kysely";
import type { Run } from "../connection/database.js";
import { stored } from "../rows/stored-text.js";
import { type ItemRow, jsonbText } from "./entry.js";
import { type EscalationFilter, matching } from "./filters.js";
import { countItems } from "./read-items.js";
import {
  items,
  live,
  lockedItems,
  mergedMetadata,
  now,
  rowsOf,
  selected,
  touched,
  until,
  uuids,
} from "./statements.js";

export interface ClaimTerms {
  readonly assignee: string | null;
  readonly minutes: number;
}

export type ClaimOutcome =
  | { readonly ok: true; readonly row: ItemRow; readonly isExtension: boolean }
  | { readonly ok: false; readonly reason: "not-found" | "conflict" };

/** Claims an item that nobody else holds; who holds it already extends the claim. */
export async function claimItem(
  run: Run,
  { id, namespace, ...terms }: ClaimTerms & { readonly id: string; readonly namespace: string | undefined },
): Promise<ClaimOutcome> {
  const filter = { ids: [id], status: "pending", ...(namespace !== undefined && { namespace }) } as const;
  const query = selected()
    .where((where) => matching(where, filter))
    .forUpdate();
  const [row] = await rowsOf<ItemRow>(run, query);
  if (row === undefined) return { ok: false, reason: "not-found" };
  if (!mayClaim(row, terms)) return { ok: false, reason: "conflict" };
  const [claimed] = await claim(run, [row.id], terms);
  return claimed === undefined ? { ok: false, reason: "not-found" } : { ok: true, row: claimed, isExtension: row.live };
}

/** Claims the most urgent and then the oldest of those that match, and passes over what somebody else is busy with. */
export async function claimFirst(
  run: Run,
  options: ClaimTerms & { readonly filter: EscalationFilter; readonly metadata: JsonObject | undefined },
): Promise<ClaimOutcome & { readonly candidates: number }> {
  const filter = { ...options.filter, status: "pending" } as const;
  const candidates = await countItems(run, filter);
  const first = selected()
    .where((where) => matching(where, filter))
    .where((where) => where.or([where.not(live), where("assigned_to", "=", stored(options.assignee))]))
    .orderBy("priority")
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .forUpdate()
    .skipLocked();
  const [row] = await rowsOf<ItemRow>(run, first);
  if (row === undefined) return { ok: false, reason: candidates === 0 ? "not-found" : "conflict", candidates };
  const [claimed = row] = await claim(run, [row.id], options);
  return { ok: true, row: claimed, isExtension: row.live, candidates };
}

export async function claimMany(
  run: Run,
  {
    ids,
    namespace,
    ...terms
  }: ClaimTerms & { readonly ids: readonly string[]; readonly namespace: string | undefined },
): Promise<readonly ItemRow[]> {
  const filter = { ids, status: "pending", ...(namespace !== undefined && { namespace }) } as const;
  const query = selected()
    .where((where) => matching(where, filter))
    .orderBy("id")
    .forUpdate();
  const free = (await rowsOf<ItemRow>(run, query)).filter((row) => mayClaim(row, terms));
  return claim(
    run,
    free.map(({ id }) => id),
    terms,
  );
}

export type ReleaseOutcome =
  | { readonly ok: true; readonly row: ItemRow; readonly wasClaimed: boolean }
  | { readonly ok: false; readonly reason: "not-found" | "wrong-assignee" };

/** Gives an item back. Without an assignee whoever has it. */
export async function releaseItem(run: Run, id: string, assignee: string | null): Promise<ReleaseOutcome> {
  const [row] = await lockedItems(run, [id]);
  if (row === undefined || row.status !== "pending") return { ok: false, reason: "not-found" };
  if (assignee !== null && row.assigned_to !== stored(assignee)) return { ok: false, reason: "wrong-assignee" };
  if (row.assigned_to === null && row.assigned_until === null) return { ok: true, row, wasClaimed: false };
  const [released = row] = await update(run, [id], noClaim);
  return { ok: true, row: released, wasClaimed: true };
}

/** Hands pending items to another role; nobody's claim on them stands. */
export function handToRole(run: Run, ids: readonly string[], role: string): Promise<readonly ItemRow[]> {
  return update(run, ids, { ...noClaim, role: stored(role) });
}

export async function setPriority(run: Run, ids: readonly string[], priority: number): Promise<number> {
  return (await update(run, ids, { priority })).length;
}

function mayClaim(row: ItemRow, { assignee }: ClaimTerms): boolean {
  return !row.live || (assignee !== null && row.assigned_to === stored(assignee));
}

const noClaim = { assigned_to: null, assigned_until: null, claimed_at: null, claim_expires_at: null };

function claim(
  run: Run,
  ids: readonly string[],
  { assignee, minutes, metadata }: ClaimTerms & { readonly metadata?: JsonObject | undefined },
): Promise<readonly ItemRow[]> {
  return update(run, ids, {
    assigned_to: stored(assignee),
    assigned_until: until(minutes),
    claim_expires_at: until(minutes),
    // Who extends a claim has had it since then.
    claimed_at: sql<string>`case when ${live} then claimed_at else ${now} end`,
    ...(metadata !== undefined && { metadata: mergedMetadata(jsonbText(metadata)) }),
  });
}

function update(run: Run, ids: readonly string[], change: object): Promise<readonly ItemRow[]> {
  const query = items
    .updateTable("hmsh_escalations")
    .set({ ...change, updated_at: touched })
    .where("id", "in", uuids(ids))
    .where("status", "=", "pending")
    .returningAll()
    .returning(live.as("live"));
  return rowsOf<ItemRow>(run, query);
}
