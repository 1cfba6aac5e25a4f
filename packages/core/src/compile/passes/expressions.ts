import type { ActivityId } from "../../brand.js";
import { lintExpression, references } from "../../expression/lint-expression.js";
import { reachable, topological } from "../../plan/shape.js";
import type { AppModel, GraphModel } from "../app-model.js";
import { type EvaluatedPlace, evaluatedPlaces } from "../evaluated-places.js";
import type { Findings } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/** First segments that are no activity. */
const knownRoots: ReadonlySet<string> = new Set([
  ...["$self", "$job", "$app", "$graph", "$hook"],
  ...["$item", "$key", "$index", "$input", "$output"],
]);

/** Everything that is evaluated: its functions, its pipes, and what its references name. */
export function checkExpressions(model: AppModel, graph: GraphModel, findings: Findings): void {
  const everywhere = new Set(model.graphs.flatMap((other) => [...other.byId.keys()]));
  const comesAfter = comesAfterIn(graph);
  for (const place of evaluatedPlaces(graph)) {
    for (const { severity, code, message, near, path } of lintExpression(place.value, place.kind)) {
      const hint = near === undefined ? "" : `did you mean ${near}?`;
      const remark = { code, message, hint, path: [...place.path, ...path] };
      if (severity === "error") findings.error(remark);
      else findings.warning(remark);
    }
    for (const reference of references(place.value, place.kind)) {
      if (knownRoots.has(reference.root)) continue;
      if (everywhere.has(reference.root)) {
        checkReadable(graph, { place, reference }, { comesAfter, findings });
      } else {
        reportUnknown(graph, { place, reference }, { everywhere, findings });
      }
    }
  }
}

type Reference = ReturnType<typeof references>[number];
/** Does the second activity come after the first, on some path of transitions? */
type ComesAfter = (first: ActivityId, second: ActivityId) => boolean;

function checkReadable(
  graph: GraphModel,
  { place, reference }: { readonly place: EvaluatedPlace; readonly reference: Reference },
  { comesAfter, findings }: { readonly comesAfter: ComesAfter; readonly findings: Findings },
): void {
  const { reader } = place;
  const isElsewhere = !graph.byId.has(reference.root);
  if (!isElsewhere && (reader === null || reader === reference.root || !comesAfter(reader, reference.root))) return;
  const why = isElsewhere ? "it belongs to another graph" : `it comes after ${reader}`;
  findings.warning({
    code: "unreadable-reference",
    path: [...place.path, ...reference.path],
    message: `${reference.text} is always undefined: ${reference.root} cannot be read here, because ${why}`,
    hint: "read an activity on the way from the trigger, or job data",
  });
}

/** A word with a path is a reference that was meant; anything else in braces is most likely text. */
function reportUnknown(
  graph: GraphModel,
  { place, reference }: { readonly place: EvaluatedPlace; readonly reference: Reference },
  { everywhere, findings }: { readonly everywhere: ReadonlySet<ActivityId>; readonly findings: Findings },
): void {
  const { root, text } = reference;
  const path = [...place.path, ...reference.path];
  if (/^[\p{L}\p{N}_$-]+$/u.test(root) && text.includes(".")) {
    const near = didYouMean(root, root.startsWith("$") ? knownRoots : [...graph.byId.keys(), ...everywhere]);
    const message = `${text}: there is no activity ${root}, and it is no name that references begin with`;
    findings.error({ code: "unknown-reference", path, message, hint: near });
  } else {
    findings.warning({
      code: "brace-text",
      path,
      message: `${text} names nothing: text in braces is read as a reference, and this one is undefined`,
      hint: "build text that begins with { and ends with } by a pipe",
    });
  }
}

/**
 * Almost every reference leads up, and in a graph without loops a topological order tells that at once; only for the
 * others the graph is walked.
 */
function comesAfterIn(graph: GraphModel): ComesAfter {
  const order = graph.trigger === null ? [] : topological(graph.shape, graph.trigger.id);
  const places = new Map(order.map((id, index) => [id, index]));
  const placeOf = (id: ActivityId): number => places.get(id) ?? Number.NaN;
  const isOrdered = order.every((id) => (graph.shape.get(id) ?? []).every((target) => placeOf(id) < placeOf(target)));
  const known = new Map<ActivityId, ReadonlySet<ActivityId>>();
  return (first, second) => {
    if (isOrdered && placeOf(second) <= placeOf(first)) return false;
    const below = known.get(first) ?? reachable(graph.shape, first);
    known.set(first, below);
    return below.has(second);
  };
}
