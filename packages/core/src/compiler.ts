/**
 * From a graph document to a plan, and to the types of an app.
 *
 * @module @hotmesh/core/compiler
 */

export type { AppManifest, CompileOptions, CompileResult } from "./compile/compile.js";
export { compile, compileText } from "./compile/compile.js";
export type { Diagnostic } from "./compile/diagnostic.js";
export { type EmitTypesOptions, emitTypes } from "./compile/emit-types/emit-types.js";
export type {
  ActivityDocument,
  ActivityType,
  AppDocument,
  AwaitDocument,
  ConditionsDocument,
  CycleDocument,
  EdgeDocument,
  GraphDocument,
  HookDocument,
  HookRuleDocument,
  InterruptDocument,
  SignalDocument,
  TriggerDocument,
  WorkerDocument,
} from "./document/graph-document.js";
export type { SchemaViolation } from "./document/json-schema.js";
export { payloadCheck, payloadValidator } from "./document/json-schema.js";
export type { DocumentSource, LoadedDocument, ReadFile } from "./document/loaded-document.js";
export { loadDocument, loadInline } from "./document/resolve-refs.js";
export { documentSchema } from "./document/schema.js";
