import type { ActivityId } from "../../brand.js";
import { lintExpression, references } from "../../expression/lint-expression.js";
import { reachable } from "../../plan/shape.js";
import type { AppModel, GraphModel } from "../app-model.js";
import { type EvaluatedPlace, evaluatedPlaces } from "../evaluated-places.js";
import type { Findings } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/** First segments that are no activity. */
const knownRoots: ReadonlySet<string> = new Set([
  ...["$self", "$job", "$app", "$graph", "$hook"],
  ...["$item", "$key", "$index", "$input", "$output"],
]);

/** Everything that is evaluated: its functions, its pipes, and what its references name (language.md 2.7). */
export function checkExpressions(model: AppModel, graph: GraphModel, findings: Findings): void {
  const everywhere = new Set(model.graphs.flatMap((other) => [...other.byId.keys()]));
  const descendants = descendantsOf(graph);
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
        checkReadable(graph, { place, reference }, { descendants, findings });
      } else {
        reportUnknown(graph, { place, reference }, { everywhere, findings });
      }
    }
  }
}

type Reference = ReturnType<typeof references>[number];
type Descendants = (id: ActivityId) => ReadonlySet<ActivityId>;

function checkReadable(
  graph: GraphModel,
  { place, reference }: { readonly place: EvaluatedPlace; readonly reference: Reference },
  { descendants, findings }: { readonly descendants: Descendants; readonly findings: Findings },
): void {
  const { reader } = place;
  const isElsewhere = !graph.byId.has(reference.root);
  if (!isElsewhere && (reader === null || reader === reference.root || !descendants(reader).has(reference.root)))
    return;
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

function descendantsOf(graph: GraphModel): Descendants {
  const known = new Map<ActivityId, ReadonlySet<ActivityId>>();
  return (id) => {
    const found = known.get(id) ?? reachable(graph.shape, id);
    known.set(id, found);
    return found;
  };
}
