import { invariant } from "../../errors.js";
import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import { documentSchema } from "../schema.js";
import { activityAdditions } from "./activity-additions.js";
import { embeddedDefinitions } from "./embedded-schema.js";
import { expressionDefinitions } from "./expression-schema.js";
import { activitiesSchema, appAdditions, edgeAdditions, graphAdditions, ruleAdditions } from "./graph-additions.js";
import { draft, is, overlaid } from "./keyword.js";
import { relaxed } from "./relax.js";

/**
 * The JSON Schema of documents for editors: what the compiler checks of their structure, with explanations, and with
 * the keys of each type of activity and the forms of expressions. What it refuses the compiler refuses too; names,
 * loops and whatever else takes more than a schema only the compiler knows.
 */
export function editorSchema(): JsonObject {
  const { $schema: _, ...structure } = documentSchema;
  const [graph, document] = cut(structure, ["properties", "app", "properties", "graphs", "items"], is("graph"));
  const [activities, graphAround] = cut(graph, ["properties", "activities"], activitiesSchema);
  const [activity] = cut(activities, ["additionalProperties"], {});
  const [edge, edgesCut] = cut(graphAround, [...listsUnder("transitions")], is("edge"));
  const [rule, rulesCut] = cut(edgesCut, [...listsUnder("hooks")], is("rule"));
  return {
    $schema: draft,
    ...relaxed(over(document, appAdditions), false),
    definitions: {
      graph: relaxed(over(rulesCut, graphAdditions), false),
      activity: relaxed(over(activity, activityAdditions), true),
      edge: relaxed(over(edge, edgeAdditions), false),
      rule: relaxed(over(rule, ruleAdditions), false),
      ...expressionDefinitions,
      ...embeddedDefinitions,
    },
  };
}

const listsUnder = (key: string): readonly string[] => ["properties", key, "additionalProperties", "items"];

/** A part of a schema, and the schema with something else in its place. */
function cut(
  schema: JsonObject,
  [step = "", ...rest]: readonly string[],
  by: JsonObject,
): readonly [part: JsonObject, around: JsonObject] {
  const child = schema[step];
  invariant(isJsonObject(child), `the schema of documents has no part ${step}`);
  if (rest.length === 0) return [child, { ...schema, [step]: by }];
  const [part, around] = cut(child, rest, by);
  return [part, { ...schema, [step]: around }];
}

function over(schema: JsonObject, additions: JsonObject): JsonObject {
  const merged: Json = overlaid(schema, additions);
  invariant(isJsonObject(merged), "two maps laid over each other are a map");
  return merged;
}
