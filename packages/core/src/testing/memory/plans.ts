import type { PlanId } from "../../brand.js";
import { HotMeshError, invariant } from "../../errors.js";
import type { Plan } from "../../plan/plan.js";
import type { Activation, VersionRecord } from "../../ports/records.js";
import { frozenCopy, sameJson } from "./frozen.js";
import { activationLock } from "./locks.js";
import type { VersionRow } from "./tables.js";
import type { Unit } from "./unit.js";

export function deploy(unit: Unit, plan: Plan): "stored" | "unchanged" | "version-active" {
  const known = unit.tables.plans.get(plan.id);
  invariant(known === undefined || sameJson(known, frozenCopy(plan)), `two plans have the id ${plan.id}`);
  const before = unit.tables.versions.get(plan.version);
  if (before?.record.plan === plan.id) return "unchanged";
  if (before !== undefined && before.record.version === activeVersion(unit)) return "version-active";
  unit.tables.plans.put(plan.id, frozenCopy(plan));
  const { version, id } = plan;
  const record: VersionRecord = { version, plan: id, status: "deployed", deployedAt: unit.now, activatedAt: null };
  unit.tables.versions.put(version, frozenCopy({ record, sequence: unit.next() }));
  return "stored";
}

export function loadPlans(unit: Unit, ids: ReadonlySet<PlanId>): ReadonlyMap<PlanId, Plan> {
  const plans = new Map<PlanId, Plan>();
  for (const id of ids) {
    const plan = unit.tables.plans.get(id);
    if (plan !== undefined) plans.set(id, plan);
  }
  return plans;
}

export function versions(unit: Unit): readonly VersionRecord[] {
  const rows: VersionRow[] = [...unit.tables.versions.all()];
  return rows.sort((a, b) => a.sequence - b.sequence).map((row) => row.record);
}

/** Waits for the transactions that have read the activation: whoever saw the old version commits before the switch. */
export function activate(unit: Unit, version: string): Activation {
  const next = unit.tables.versions.get(version);
  if (next === undefined) throw new HotMeshError("version-not-found", `Version ${version} does not exist`);
  unit.lock(activationLock);
  const before = unit.tables.activation.get("active");
  if (before?.plan === next.record.plan) return before;
  const last = before === undefined ? undefined : unit.tables.versions.get(before.version);
  if (last !== undefined) restate(unit, last, { status: "deployed" });
  restate(unit, next, { status: "activated", activatedAt: unit.now });
  const activation = frozenCopy({ version, plan: next.record.plan, epoch: (before?.epoch ?? 0) + 1 });
  unit.tables.activation.put("active", activation);
  return activation;
}

function activeVersion(unit: Unit): string | undefined {
  return unit.tables.activation.get("active")?.version;
}

function restate(unit: Unit, row: VersionRow, change: Partial<VersionRecord>): void {
  unit.tables.versions.put(row.record.version, frozenCopy({ ...row, record: { ...row.record, ...change } }));
}
