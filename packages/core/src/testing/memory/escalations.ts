import type { JobId } from "../../brand.js";
import { broken, HotMeshError } from "../../errors.js";
import type { Commit } from "../../ports/program.js";
import type { EscalationClose, EscalationOpening, EscalationOutcome } from "../../ports/records.js";
import type { EscalationState } from "../../ports/store.js";
import { frozenCopy } from "./frozen.js";
import { escalationLock } from "./locks.js";
import type { EscalationRow } from "./tables.js";
import type { Unit } from "./unit.js";

/** The items of a key, newest first. */
export function itemsOf(unit: Unit, key: string): readonly EscalationState[] {
  return [...unit.tables.escalations.group("key", key)]
    .sort((a, b) => b.item.createdAt - a.item.createdAt || b.sequence - a.sequence)
    .map(({ item }) => item);
}

/** The wait of the pending item of a key; null: none is pending. */
export function pendingWait(unit: Unit, key: string): string | null {
  return pendingRow(unit, key)?.item.wait ?? null;
}

/** Keys that the commit would leave with two pending items. */
export function keysTaken(unit: Unit, { escalationsOpened = [], escalationsClosed = [] }: Commit): readonly string[] {
  const keys = escalationsOpened.flatMap(({ key, closed }) => (closed === null ? [key] : []));
  const repeated = keys.find((key, at) => keys.indexOf(key) < at);
  if (repeated !== undefined) throw broken(`the commit leaves two pending work items with the key ${repeated}`);
  return keys.filter((key) => {
    unit.lock(escalationLock(key));
    const row = pendingRow(unit, key);
    return row !== null && !escalationsClosed.some((close) => close.key === key && close.wait === row.item.wait);
  });
}

/** A program that was shown what is pending and opens another one all the same. */
export function insists(keys: readonly string[]): HotMeshError {
  return new HotMeshError("storage-busy", `A work item is pending under ${keys.join(", ")}`);
}

export function openItem(unit: Unit, { closed, ...record }: EscalationOpening): void {
  const sequence = unit.next();
  const opened: EscalationState = {
    ...record,
    status: "pending",
    resolverPayload: null,
    createdAt: unit.now,
    resolvedAt: null,
  };
  put(unit, { sequence, item: closed === null ? opened : ended(unit, opened, closed) });
}

export function closeItem(unit: Unit, { key, wait, ...outcome }: EscalationClose): void {
  unit.lock(escalationLock(key));
  const row = pendingRow(unit, key);
  if (row !== null && row.item.wait === wait) put(unit, { ...row, item: ended(unit, row.item, outcome) });
}

/** Nobody waits for the items of a job that is removed. */
export function cancelItems(unit: Unit, job: JobId): void {
  for (const { item } of unit.tables.escalations.group("job", job)) {
    closeItem(unit, { key: item.key, wait: item.wait, status: "cancelled", payload: null });
  }
}

function ended(unit: Unit, item: EscalationState, { status, payload }: EscalationOutcome): EscalationState {
  return { ...item, status, resolverPayload: payload, resolvedAt: unit.now };
}

function pendingRow(unit: Unit, key: string): EscalationRow | null {
  return unit.tables.escalations.group("key", key).find(({ item }) => item.status === "pending") ?? null;
}

function put(unit: Unit, row: EscalationRow): void {
  unit.tables.escalations.put(String(row.sequence), frozenCopy(row));
}
