import { posix } from "node:path";
import ts from "typescript";

import type { Manifest, SourceFile } from "./source-files.js";

/** One import of one file, types included. */
export interface Import {
  readonly from: string;
  /** As written: `./json.js`, `@hotmesh/core/compiler`, `node:fs`. */
  readonly specifier: string;
  /** The package that it names; null for a relative one. */
  readonly packageName: string | null;
  /** Our own file that it leads to; null for packages of others and when there is no such file. */
  readonly target: string | null;
  readonly line: number;
}

/** All imports of the files: static, dynamic, re-exports, and `import("…")` in types. */
export function readImports(files: readonly SourceFile[], manifests: readonly Manifest[]): readonly Import[] {
  const paths = new Set(files.map((file) => file.path));

  return files.flatMap((file) =>
    specifiers(file).map(({ specifier, line }) => {
      const packageName = packageOf(specifier);
      const target = packageName === null ? relative(file.path, specifier) : entry(specifier, packageName, manifests);
      return {
        from: file.path,
        specifier,
        packageName,
        target: target !== null && paths.has(target) ? target : null,
        line,
      };
    }),
  );
}

interface Specifier {
  readonly specifier: string;
  readonly line: number;
}

function specifiers(file: SourceFile): readonly Specifier[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const found: Specifier[] = [];
  const visit = (node: ts.Node): void => {
    const literal = specifierOf(node);
    if (literal !== undefined && ts.isStringLiteralLike(literal)) {
      const line = source.getLineAndCharacterOfPosition(literal.getStart()).line + 1;
      found.push({ specifier: literal.text, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}

function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".")) return null;
  if (specifier.startsWith("node:")) return "node:";

  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function relative(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

function entry(specifier: string, packageName: string, manifests: readonly Manifest[]): string | null {
  const manifest = manifests.find((candidate) => candidate.name === packageName);
  const file = manifest?.exports.get(`.${specifier.slice(packageName.length)}`);

  return manifest === undefined || file === undefined ? null : `${manifest.folder}/${file}`;
}
