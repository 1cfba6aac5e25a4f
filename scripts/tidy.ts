import ts from "typescript";

import type { SourceFile } from "./source-files.js";

const linesMax = 400;
const functionLinesMax = 60;
const columnsMax = 120;
const parametersMax = 3;
const medianMax = 130;
const ninetiethMax = 300;

/** The files of packages that may read the environment, each for the variables that its documentation names. */
const environmentReaders = new Map([
  ["packages/sdk/src/doctor/main.ts", "DATABASE_URL, of the command"],
  ["packages/sdk/src/environment.ts", "HMSH_* and HOTMESH_POSTGRES_*, the documented settings"],
  ["packages/store-postgres/src/environment.ts", "HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS, HMSH_DEPLOYMENT_DELAY"],
  ["packages/store-postgres/src/embedded/cluster.ts", "PATH, TZ and SystemRoot, passed on to initdb and postgres"],
  ["packages/store-postgres/src/embedded/guard.ts", "passed on to the guard, without NODE_*"],
]);

/** Everything in the files that the house style forbids, a sentence each; empty when all is well. */
export function checkTidiness(files: readonly SourceFile[]): readonly string[] {
  return [...files.flatMap(checkFile), ...checkSizes(files)];
}

function checkFile(file: SourceFile): readonly string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const rules = [
    functionSize,
    parameterCount,
    defaultExport,
    environment,
    logging,
    ...(isStrictCore(file.path) ? coreRules : []),
  ];
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const problems = rules.map((rule) => rule(node, file.path)).filter((problem) => problem !== null);
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push(...problems.map((problem) => `${file.path}:${line}: ${problem}`));
    ts.forEachChild(node, visit);
  };
  visit(source);

  return [...checkLines(file), ...found];
}

function checkLines({ path, text }: SourceFile): readonly string[] {
  const lines = text.split("\n");
  const isLong = lines.length - 1 > linesMax && !mayBeLong(path);
  const wide = lines.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => line.length > columnsMax);
  // Spelled so that these lines do not find themselves.
  const marks = lines.map((line, index) => (/\b(?:TO[D]O|FIX[M]E)\b/.test(line) ? index + 1 : 0)).filter(Boolean);

  return [
    ...(isLong ? [`${path}: ${lines.length - 1} lines, more than ${linesMax}`] : []),
    ...wide.map(({ number, line }) => `${path}:${number}: ${line.length} columns, more than ${columnsMax}`),
    ...marks.map((number) => `${path}:${number}: something was left to be done`),
  ];
}

/** The sizes of the files that are read most: a few long ones are fine, as a rule they are not. */
function checkSizes(files: readonly SourceFile[]): readonly string[] {
  const counted = files.filter(({ path }) => !mayBeLong(path)).map(({ text }) => text.split("\n").length - 1);
  const sizes = counted.sort((one, other) => one - other);
  const at = (share: number) => sizes[Math.floor(sizes.length * share)] ?? 0;
  const told = (name: string, size: number, max: number) =>
    size > max ? [`the ${name} of all source files has ${size} lines, more than ${max}`] : [];

  return [...told("median", at(0.5), medianMax), ...told("90th percentile", at(0.9), ninetiethMax)];
}

function mayBeLong(path: string): boolean {
  return /\.(test|suite|config)\.ts$/.test(path) || /(^|\/)(generated|migrations)\//.test(path);
}

/** What is wrong with one node of the syntax tree, or null. */
type Rule = (node: ts.Node, path: string) => string | null;

const functionSize: Rule = (node, path) => {
  if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return null;
  // What registers tests is a list of them, as long as the list.
  if (path.endsWith(".suite.ts") || isGroupOfTests(node)) return null;
  const lines = node.getText().split("\n").length;
  return lines > functionLinesMax ? `a function of ${lines} lines, more than ${functionLinesMax}` : null;
};

function isGroupOfTests(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}

/** The public classes, and their chapters, keep the signatures that callers of earlier versions know. */
const promised = new Map([
  ["packages/sdk/src/hotmesh.ts", new Set(["pub", "pubsub", "signal", "signalAll"])],
  ["packages/sdk/src/api/running.ts", new Set(["pub", "pubsub"])],
  ["packages/sdk/src/api/signalling.ts", new Set(["signal", "signalAll"])],
  ["packages/sdk/src/durable/client-workflow.ts", new Set(["signal", "getHandle", "search"])],
  ["packages/sdk/src/durable/entity.ts", new Set(["findByCondition", "createIndex"])],
]);

const parameterCount: Rule = (node, path) => {
  if (!ts.isFunctionLike(node) || node.parameters.length <= parametersMax) return null;
  const name = node.name?.getText() ?? "";
  // The design fixes the parameters of decide; everything else takes an options object last.
  if (name === "decide" || promised.get(path)?.has(name)) return null;
  if (node.parameters.length === parametersMax + 1 && node.parameters.at(-1)?.name.getText() === "options") return null;
  return `${node.parameters.length} parameters, more than ${parametersMax}`;
};

const defaultExport: Rule = (node, path) => {
  if (path.endsWith(".config.ts")) return null;
  const isDefault = ts.isExportAssignment(node) || (ts.isExportSpecifier(node) && node.name.text === "default");
  return isDefault || node.kind === ts.SyntaxKind.DefaultKeyword ? defaultProblem(node) : null;
};

/** The word also opens the last clause of a switch, which is another matter. */
function defaultProblem(node: ts.Node): string | null {
  const isClause = node.parent !== undefined && ts.isDefaultClause(node.parent);
  return isClause ? null : "a default export";
}

const environment: Rule = (node, path) => {
  if (!path.startsWith("packages/") || isTest(path) || environmentReaders.has(path)) return null;
  return isMember(node, "process", "env") ? "reads process.env" : null;
};

/** Passes on what others log. */
const wrapsLogger = "packages/sdk/src/telemetry/traced-logger.ts";

/** Whoever reads logs looks for events by their names, and looks nowhere else. */
const logging: Rule = (node, path) => {
  if (!path.startsWith("packages/") || isTest(path) || path === wrapsLogger) return null;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { expression, name } = node.expression;
  if (expression.getText() === "console") return "writes past the logger";
  if (!/(^|[.#])logger$/.test(expression.getText()) || !/^(debug|info|warn|error)$/.test(name.text)) return null;
  const [event] = node.arguments;
  const isNamed = event !== undefined && ts.isStringLiteral(event) && /^[a-z]+(-[a-z]+)+$/.test(event.text);
  return isNamed ? null : "logs an event without a name such as worker-lease-lost";
};

function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$/.test(path);
}

/** Core's own code; its tests may take the liberties of tests. */
function isStrictCore(path: string): boolean {
  return path.startsWith("packages/core/src/") && !isTest(path);
}

const hiddenInput: Rule = (node) => {
  if (isMember(node, "Date", "now") || isMember(node, "Math", "random")) return `core must not use ${node.getText()}`;
  if (!ts.isNewExpression(node) || node.expression.getText() !== "Date" || node.arguments?.length) return null;
  return "core must not ask what time it is";
};

const looseType: Rule = (node, path) => {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "core must not use any";
  if (ts.isEnumDeclaration(node)) return "core must not use enum";
  if (ts.isModuleDeclaration(node) && (node.flags & ts.NodeFlags.Namespace) !== 0) return "core must not use namespace";
  if (!ts.isAsExpression(node) || ts.isConstTypeReference(node.type)) return null;
  return /(^|\/)(brand|[^/]*-codec)\.ts$/.test(path) ? null : "core must not use as";
};

const coreRules: readonly Rule[] = [hiddenInput, looseType];

function isMember(node: ts.Node, object: string, property: string): boolean {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return false;
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : node.argumentExpression.getText().slice(1, -1);

  return node.expression.getText() === object && name === property;
}
