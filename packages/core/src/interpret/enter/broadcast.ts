import { evaluateAt } from "../../expression/evaluate-at.js";
import type { Environment, Expression } from "../../expression/expression.js";
import type { Effect } from "../../job/effect.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import { isJsonObject, jsonObjectOf, jsonOf } from "../../json.js";
import type { SignalPlan } from "../../plan/plan.js";
import { quorumChannel } from "../../ports/sub.js";
import type { Facet } from "../../statistics/counter-field.js";
import { listOf, queryOf } from "../../statistics/query.js";
import { broadcastMessage } from "../broadcast.js";
import { hookTarget, type SignalContent, unknownTopic } from "../signal-dispatch.js";
import type { Visit } from "../visit.js";

/**
 * A signal for every job of an index: it is settled here which list that is, and any engine goes
 * through it later. The index is that of the graph in which jobs wait for the topic.
 */
export function broadcastEffects(
  visit: Visit<SignalPlan>,
  content: SignalContent,
  environment: Environment,
): readonly Effect[] {
  const { draft, activity, position } = visit;
  const { record, moment } = draft;
  const { topic, data, status, code, plans } = content;
  const target = hookTarget(plans, topic);
  if (target === null) throw unknownTopic(plans, topic);
  const resolver =
    activity.resolver === null ? {} : jsonObjectOf(evaluateAt("resolver.maps", activity.resolver, environment));
  const input = {
    data: isJsonObject(resolver["data"]) ? resolver["data"] : {},
    range: textOf(resolver["range"]),
    start: textOf(resolver["start"]),
    end: textOf(resolver["end"]),
  };
  const query = queryOf(target.plan, target.graph, { input, now: moment.now });
  const key = keyOf({ generation: record.generation, path: pathOf(activity.id, position.address) }, "broadcast");
  const message = broadcastMessage(key, {
    ...{ topic, data, status, code },
    plans: plans.map(({ id }) => id),
    list: listOf(query, facetOf(activity, environment)),
    scrub: resolver["scrub"] === true || resolved("scrub", activity.scrub, environment) === true,
  });
  const work = { channel: quorumChannel, body: { type: "work", originator: record.id } };
  return [
    { kind: "send", message },
    { kind: "publish", publication: work },
  ];
}

/**
 * Null: every list. A key that is named and comes to nothing is an error: it must not be taken for a signal to
 * everybody.
 */
function facetOf(activity: SignalPlan, environment: Environment): Facet | null {
  const { id, keyName, keyValue } = activity;
  if (keyName === null && keyValue === null) return null;
  const label = textOf(resolved("key_name", keyName, environment));
  const value = textOf(resolved("key_value", keyValue, environment));
  if (label === undefined) throw new Error(`signal ${id}: key_name is absent; expected the path of an index`);
  if (value === undefined) throw new Error(`signal ${id}: key_value is absent; expected a value of index ${label}`);
  return { label, value };
}

function resolved(property: string, expression: Expression | null, environment: Environment): unknown {
  return expression === null ? undefined : evaluateAt(property, expression, environment);
}

/** As text, in the way an index has its values. */
function textOf(value: unknown): string | undefined {
  const json = jsonOf(value);
  if (json === undefined || json === null) return undefined;
  return typeof json === "string" ? json : JSON.stringify(json);
}
