import { evaluateAt, placed } from "../expression/evaluate-at.js";
import { jobOutput } from "../job/output.js";
import { pathOf } from "../job/path.js";
import { ownSpan } from "./leg.js";
import { type LegObservation, observeProblem, tell } from "./observation.js";
import { scopeOf } from "./scope.js";
import type { Self, Visit } from "./visit.js";

/** Tells of a leg that has just been decided. `telemetry` sees what the leg has made, and changes nothing. */
export function observeLeg(visit: Visit, leg: 1 | 2): void {
  const { draft, activity } = visit;
  const { observer, message } = draft.moment;
  if (observer === undefined || !(observer.legs || draft.leg?.isRecorded === true)) return;
  const self = storedSelf(visit);
  const data = telemetryOf({ ...visit, self });
  const { failure, phase, trace } = draft;
  const standing = { ...draft.record, status: draft.obligations(), failure, phase, trace };
  const { $error: _, ...metadata } = self.metadata;
  const { control, exotic, persistent } = draft;
  const job = jobOutput({ ...standing, updatedAt: draft.moment.now }, { ...control, exotic, persistent }).metadata;
  const span = ownSpan(draft);
  const told = {
    ...({ kind: "leg", leg, type: activity.type, job, activity: metadata, data, status: draft.status } as const),
    ...(message !== undefined && { message }),
    ...(span !== null && { span }),
  };
  tell(draft, told);
  draft.toldLegs.push(told);
}

function telemetryOf(visit: Visit): LegObservation["data"] {
  const { draft, activity, position } = visit;
  if (activity.telemetry === null) return {};
  try {
    const values = evaluateAt("telemetry", activity.telemetry, scopeOf(visit));
    return Object.fromEntries(typeof values === "object" && values !== null ? scalars(values) : []);
  } catch (thrown) {
    observeProblem(draft, position, placed(thrown, [activity.id]));
    return {};
  }
}

function scalars(values: object): [string, string | number | boolean][] {
  return Object.entries(values).flatMap(([key, value]: [string, unknown]): [string, string | number | boolean][] =>
    isScalar(value) ? [[key, value]] : [],
  );
}

/** What JSON and a span can hold. */
function isScalar(value: unknown): value is string | number | boolean {
  return (
    typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
  );
}

/** The pass as its row says; a pass that waits for a worker has none yet. */
function storedSelf({ draft, position, self }: Visit): Self {
  const stored = draft.passes.get(pathOf(position.activity, position.address));
  if (stored === undefined || !draft.touched.has(pathOf(position.activity, position.address))) return self;
  return { output: stored.output ?? undefined, hook: stored.hook ?? undefined, metadata: { ...stored.metadata } };
}
