import type { AppId } from "../brand.js";
import { structureDefects } from "../document/check-structure.js";
import type { DocumentSource, LoadedDocument } from "../document/loaded-document.js";
import { loadInline } from "../document/resolve-refs.js";
import { type DocumentPath, formatPath, plainValue, type SourceNode } from "../document/source-node.js";
import { CompileError } from "../errors.js";
import type { Json } from "../json.js";
import { buildPlan } from "../plan/build-plan.js";
import type { Plan } from "../plan/plan.js";
import { type AppModel, items, member, readApp } from "./app-model.js";
import type { Diagnostic } from "./diagnostic.js";
import { documentOrder, Findings } from "./findings.js";
import { checkEdges } from "./passes/edges.js";
import { checkExpressions } from "./passes/expressions.js";
import { checkExpire, checkHooks } from "./passes/hooks.js";
import { checkIgnoredKeys } from "./passes/ignored-keys.js";
import { checkJoins } from "./passes/joins.js";
import { checkLoops } from "./passes/loops.js";
import { checkNames } from "./passes/names.js";
import { checkSchemas } from "./passes/schemas.js";

/** What a document is compiled for. */
export interface CompileOptions {
  /** The connected app: a document for another one is refused. */
  readonly app?: AppId;
}

/** What a document says, its references resolved. */
export interface AppManifest {
  /** The document, its references resolved. */
  readonly app: {
    readonly id: AppId;
    readonly version: string;
    readonly settings: Json;
    readonly graphs: readonly Json[];
  };
}

/** What comes of a document without errors. */
export interface CompileResult {
  /** What is stored, and what jobs run on. */
  readonly plan: Plan;
  /** What the document says. */
  readonly manifest: AppManifest;
  /** What is doubtful about it. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Compiles a loaded document. Throws one `CompileError` with every problem of the document, in document order, and
 * the warnings beside them. Pure: the same document always gives the same plan.
 */
export function compile(loaded: LoadedDocument, options: CompileOptions = {}): CompileResult {
  const { root } = loaded;
  if (root === null) throw new CompileError(loaded.problems.length > 0 ? loaded.problems : [notADocument(null)]);
  const document = plainValue(root);
  const findings = new Findings(root);
  findings.take(loaded.problems);
  findings.take(loaded.warnings);
  const model = readApp(document);
  if (member(document, "app") === undefined) findings.take([notADocument(root)]);
  else inspect({ document, model, app: options.app ?? null }, findings);
  const order = documentOrder(root);
  const warnings = known(findings.inOrder("warning", order), loaded.unresolved);
  const problems = known(findings.inOrder("error", order), loaded.unresolved);
  if (problems.length > 0) throw new CompileError(problems, warnings);
  return { plan: buildPlan(model), manifest: manifestOf(document, model), warnings };
}

/** Compiles text that has no file; `$ref` is not resolved in it. */
export function compileText(text: string, options: CompileOptions = {}): CompileResult {
  const source: DocumentSource = { text };
  return compile(loadInline(source), options);
}

interface Subject {
  readonly document: Json;
  readonly model: AppModel;
  /** The app it is deployed to; null: any. */
  readonly app: AppId | null;
}

function inspect({ document, model, app }: Subject, findings: Findings): void {
  for (const defect of structureDefects(document)) {
    findings.error({ ...defect, at: defect.code === "missing-key" ? "owner" : "value" });
  }
  checkNames(model, findings, app);
  for (const graph of model.graphs) {
    checkEdges(graph, findings);
    if (checkLoops(graph, findings)) checkJoins(graph, findings);
    checkHooks(graph, findings);
    checkExpire(graph, findings);
    checkSchemas(graph, findings);
    checkIgnoredKeys(graph, findings);
    checkExpressions(model, graph, findings);
  }
}

function notADocument(root: SourceNode | null): Diagnostic {
  const line =
    root?.kind === "scalar" &&
    root.at.file === undefined &&
    typeof root.value === "string" &&
    !root.value.includes("\n")
      ? root.value
      : null;
  return {
    severity: "error",
    code: "not-a-document",
    message:
      line === null
        ? "there is no map with the key app"
        : `there is no file ${JSON.stringify(line)}, and the text is no document: it has no map with the key app`,
    path: "",
    hint: "a document begins with app: { id, version, graphs }",
    ...(root?.at ?? { line: 1, column: 1 }),
  };
}

/** Nothing is said about places whose content could not be read, except that it could not. */
function known(diagnostics: readonly Diagnostic[], unresolved: readonly DocumentPath[]): readonly Diagnostic[] {
  const roots = unresolved.map(formatPath);
  const isBelow = (path: string, root: string): boolean =>
    path === root || (path.startsWith(root) && /^[.[]/.test(path.slice(root.length)));
  return diagnostics.filter(
    ({ code, path }) => code === "bad-ref" || code === "malformed-yaml" || !roots.some((root) => isBelow(path, root)),
  );
}

function manifestOf(document: Json, model: AppModel): AppManifest {
  const { id, version, settings } = model;
  return { app: { id, version, settings, graphs: items(member(member(document, "app"), "graphs")) } };
}
