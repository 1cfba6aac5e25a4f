// Writes schema/hotmesh.schema.json from the schema that the compiler checks documents with.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { editorSchema } from "../src/document/editor-schema/editor-schema.js";
import { printSchema } from "../src/document/editor-schema/print-schema.js";

writeFileSync(join(import.meta.dirname, "..", "schema", "hotmesh.schema.json"), printSchema(editorSchema()));
