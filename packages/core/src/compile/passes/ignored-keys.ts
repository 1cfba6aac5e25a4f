import { isCode } from "../../document/schema-places.js";
import { type ActivityModel, type GraphModel, interruptsItself, member, memberAt, members } from "../app-model.js";
import type { Findings } from "../findings.js";

interface IgnoredKey {
  readonly path: readonly string[];
  readonly why: string;
}

/** Keys that are accepted and have no effect where they stand. */
export function checkIgnoredKeys(graph: GraphModel, findings: Findings): void {
  for (const activity of graph.activities) {
    if (activity.type === null) continue;
    for (const { path, why } of [...codeKeyed(activity), ...misplacedMaps(activity), ...misplacedRetry(activity)]) {
      findings.warning({
        code: "ignored-key",
        path: [...activity.path, ...path],
        at: "key",
        message: `${path.join(".")} of ${activity.id} is ignored: ${why}`,
        hint: "remove it",
      });
    }
  }
  for (const edge of graph.edges) {
    if (member(edge.body, "code") === undefined) continue;
    findings.warning({
      code: "ignored-key",
      path: [...edge.path, "code"],
      at: "key",
      message: `the code of the edge from ${edge.source} to ${edge.to} stands outside of its conditions and is ignored`,
      hint: "move it: conditions: { code: … }",
    });
  }
}

function codeKeyed(activity: ActivityModel): readonly IgnoredKey[] {
  return ["job", "output"].flatMap((section) =>
    members(member(activity.body, section))
      .filter(([key]) => isCode(key))
      .map(([key]) => ({ path: [section, key], why: "there are no blocks by code; edges choose by code" })),
  );
}

function misplacedMaps(activity: ActivityModel): readonly IgnoredKey[] {
  const ignored: IgnoredKey[] = [];
  const kind = interruptsItself(activity) ? "an interrupt without target" : `a ${activity.type}`;
  if (memberAt(activity.body, ["output", "maps"]) !== undefined && !computesOutput(activity)) {
    ignored.push({ path: ["output", "maps"], why: `${kind} does not compute its output` });
  }
  if (memberAt(activity.body, ["input", "maps"]) !== undefined && !sendsInput(activity)) {
    ignored.push({ path: ["input", "maps"], why: `${kind} sends no payload` });
  }
  if (activity.type === "cycle" && memberAt(activity.body, ["job", "maps"]) !== undefined) {
    ignored.push({ path: ["job", "maps"], why: "a cycle writes no job data" });
  }
  return ignored;
}

function misplacedRetry(activity: ActivityModel): readonly IgnoredKey[] {
  const isMisplaced = activity.type === "await" && member(activity.body, "retry") !== undefined;
  return isMisplaced ? [{ path: ["retry"], why: "only workers are tried again by code" }] : [];
}

const sendsInput = ({ type }: ActivityModel): boolean => type === "worker" || type === "await" || type === "cycle";

function computesOutput(activity: ActivityModel): boolean {
  if (activity.type === "hook" || activity.type === "signal") return true;
  return activity.type === "interrupt" && !interruptsItself(activity);
}
