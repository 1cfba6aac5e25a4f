import { pathAlong } from "../../document/json-pointer.js";
import { schemaDefects, schemaValidator } from "../../document/json-schema.js";
import { isCode } from "../../document/schema-places.js";
import type { DocumentPath, PathStep } from "../../document/source-node.js";
import { isJsonObject, type Json } from "../../json.js";
import { type GraphModel, member, memberAt } from "../app-model.js";
import type { Findings } from "../findings.js";

/** The JSON Schemas of a graph and its activities: that they are schemas, and that one that is used can be. */
export function checkSchemas(graph: GraphModel, findings: Findings): void {
  const sections: readonly (readonly [path: DocumentPath, section: Json | undefined])[] = [
    ...["input", "output"].map((key) => [[...graph.path, key], member(graph.body, key)] as const),
    ...graph.activities.flatMap((activity) =>
      ["input", "output", "job"].map((key) => [[...activity.path, key], member(activity.body, key)] as const),
    ),
  ];
  let isSound = true;
  for (const [path, section] of sections) isSound = checkSection(path, section, findings) && isSound;
  for (const activity of graph.activities) {
    const hook = activity.type === "hook" ? member(activity.body, "hook") : undefined;
    if (hook !== undefined) checkSchema([...activity.path, "hook"], hook, findings);
  }
  if (isSound && memberAt(graph.body, ["input", "validate"]) === true) checkUsable(graph, findings);
}

function checkSection(path: DocumentPath, section: Json | undefined, findings: Findings): boolean {
  if (!isJsonObject(section)) return true;
  let isSound = true;
  for (const [key, value] of Object.entries(section)) {
    const [steps, schema]: readonly [readonly PathStep[], Json | undefined] = isCode(key)
      ? [[key, "schema"], member(value, "schema")]
      : [[key], key === "schema" && value !== null ? value : undefined];
    if (schema !== undefined) isSound = checkSchema([...path, ...steps], schema, findings) && isSound;
  }
  return isSound;
}

function checkSchema(path: DocumentPath, schema: Json, findings: Findings): boolean {
  const defects = schemaDefects(schema);
  for (const defect of defects) {
    findings.error({
      code: "bad-schema",
      path: [...path, ...pathAlong(schema, defect.path)],
      message: defect.message,
      hint: "see https://json-schema.org/understanding-json-schema",
    });
  }
  return defects.length === 0;
}

/** A sound schema can still be unusable: a pattern that is no pattern, a reference that leads nowhere. */
function checkUsable(graph: GraphModel, findings: Findings): void {
  const schema = memberAt(graph.body, ["input", "schema"]);
  if (typeof schema !== "boolean" && !isJsonObject(schema)) return;
  try {
    schemaValidator(schema);
  } catch (error) {
    findings.error({
      code: "bad-schema",
      path: [...graph.path, "input", "schema"],
      message: `payloads cannot be validated: ${error instanceof Error ? error.message : String(error)}`,
      hint: "correct the schema, or set validate: false",
    });
  }
}
