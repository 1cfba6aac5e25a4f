import type { ItemCounts } from "@hotmesh/store-postgres";
import type { EscalationStats } from "./params.js";

/** Sums of what each role and type has. */
export function statsOf(
  rows: readonly (ItemCounts & { readonly role: string | null; readonly type: string | null })[],
): EscalationStats {
  return {
    ...rows.reduce(sum, none),
    by_role: grouped(rows, ({ role }) => role).map(([role, counts]) => ({ role, ...counts })),
    by_type: grouped(rows, ({ type }) => type).map(([type, counts]) => ({ type, ...counts })),
  };
}

const none: ItemCounts = { pending: 0, claimed: 0, created: 0, resolved: 0 };

function sum(one: ItemCounts, other: ItemCounts): ItemCounts {
  return {
    pending: one.pending + other.pending,
    claimed: one.claimed + other.claimed,
    created: one.created + other.created,
    resolved: one.resolved + other.resolved,
  };
}

/** By name; what has none comes last. */
function grouped<Row extends ItemCounts>(
  rows: readonly Row[],
  nameOf: (row: Row) => string | null,
): [string | null, ItemCounts][] {
  const groups = new Map<string | null, ItemCounts>();
  for (const row of rows) groups.set(nameOf(row), sum(groups.get(nameOf(row)) ?? none, row));
  return [...groups].sort(([a], [b]) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -1 : 1;
  });
}
