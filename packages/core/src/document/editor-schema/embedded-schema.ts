import type { JsonObject } from "../../json.js";
import { is, unlessReference } from "./keyword.js";

const types = ["array", "boolean", "integer", "null", "number", "object", "string"];
const orReference = (scalar: JsonObject): JsonObject => ({ anyOf: [scalar, is("reference")] });
const count = orReference({ type: "integer", minimum: 0 });
const number = orReference({ type: "number" });
const text = orReference({ type: "string" });
const flag = orReference({ type: "boolean" });
const schema = is("schema");
const mapOfSchemas = unlessReference({ type: "object", additionalProperties: schema });
const listOfSchemas = unlessReference({ type: "array", minItems: 1, items: schema });

/** A JSON Schema inside a document: what draft 7 and 2020-12 agree on, since either may be written. */
export const embeddedDefinitions: JsonObject = {
  schema: {
    title: "JSON Schema",
    description: "A JSON Schema of draft 2020-12, or of draft 7.",
    ...unlessReference({
      type: ["object", "boolean"],
      properties: {
        type: {
          anyOf: [
            { enum: types },
            { type: "array", minItems: 1, uniqueItems: true, items: { enum: types } },
            is("reference"),
          ],
        },
        title: text,
        description: text,
        properties: mapOfSchemas,
        patternProperties: mapOfSchemas,
        additionalProperties: schema,
        propertyNames: schema,
        required: unlessReference({ type: "array", uniqueItems: true, items: text }),
        minProperties: count,
        maxProperties: count,
        items: { anyOf: [schema, { type: "array", minItems: 1, items: schema }] },
        contains: schema,
        minItems: count,
        maxItems: count,
        uniqueItems: flag,
        enum: unlessReference({ type: "array" }),
        const: true,
        format: text,
        pattern: text,
        minLength: count,
        maxLength: count,
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        exclusiveMaximum: number,
        multipleOf: orReference({ type: "number", exclusiveMinimum: 0 }),
        allOf: listOfSchemas,
        anyOf: listOfSchemas,
        oneOf: listOfSchemas,
        not: schema,
        default: true,
        examples: unlessReference({ type: "array" }),
      },
    }),
  },
};
