import ts from "typescript";

/** What the public members of the exports of some modules lack. */
export interface Docstrings {
  /** How many symbols and members were looked at. */
  readonly examined: number;
  /** Those without a docstring, `packages/engine/src/engine.ts Engine.submit`, sorted. */
  readonly missing: readonly string[];
}

export interface DocstringOptions {
  /** Where `tsconfig.json` and the packages are, with a `/` at the end. */
  readonly root: string;
  /** Modules, relative to `root`, whose exports are public. */
  readonly entries: readonly string[];
  /** Do data fields of what this file declares need a docstring, or only what can be called? `file` as in `entries`. */
  readonly asksFields: (file: string) => boolean;
}

/**
 * Looks for docstrings as an editor does: what an implemented interface or a base class says counts. A field whose
 * type is one literal is a discriminant, which says it itself.
 */
export function docstrings({ root, entries, asksFields }: DocstringOptions): Docstrings {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    entries.map((entry) => `${root}${entry}`),
    options,
  );
  const checker = program.getTypeChecker();
  const fileOf = (symbol: ts.Symbol): string | null => {
    const name = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
    return name.startsWith(`${root}packages/`) ? name.slice(root.length) : null;
  };
  const documented = (symbol: ts.Symbol): boolean =>
    symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0;

  const seen = new Set<ts.Symbol>();
  const missing = new Set<string>();
  const look = (symbol: ts.Symbol, name: string): void => {
    const file = fileOf(symbol);
    if (file === null || seen.has(symbol)) return;
    seen.add(symbol);
    if (!documented(symbol)) missing.add(`${file} ${name}`);
  };
  for (const symbol of entries.flatMap((entry) => exportsOf(program, `${root}${entry}`))) {
    look(symbol, symbol.name);
    for (const member of membersOf(checker, symbol)) {
      const file = fileOf(member);
      if (file !== null && (asksFields(file) || isCallable(member))) look(member, `${symbol.name}.${member.name}`);
    }
  }
  return { examined: seen.size, missing: [...missing].sort() };
}

/** What a module exports, and what the namespaces among its exports do. */
function exportsOf(program: ts.Program, path: string): readonly ts.Symbol[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} is no module`);
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return symbol.flags & ts.SymbolFlags.ValueModule ? checker.getExportsOfModule(symbol).map(real(checker)) : [symbol];
  });
}

function real(checker: ts.TypeChecker): (symbol: ts.Symbol) => ts.Symbol {
  return (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
}

/** Public members of a class or an interface, static and inherited ones too. */
function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol): readonly ts.Symbol[] {
  if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return [];
  const own = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  const statics =
    symbol.flags & ts.SymbolFlags.Class
      ? [...(symbol.exports?.values() ?? [])].filter(({ name }) => name !== "prototype")
      : [];
  return [...own, ...statics].filter((member) => (member.declarations ?? []).every(isPublic));
}

function isPublic(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (name === undefined || !ts.isIdentifier(name) || ts.getCombinedModifierFlags(declaration) & hidden) return false;
  return !isDiscriminant(declaration);
}

function isDiscriminant(declaration: ts.Declaration): boolean {
  if (ts.isPropertySignature(declaration))
    return declaration.type !== undefined && ts.isLiteralTypeNode(declaration.type);
  const { Readonly } = ts.ModifierFlags;
  if (!ts.isPropertyDeclaration(declaration) || !(ts.getCombinedModifierFlags(declaration) & Readonly)) return false;
  return declaration.initializer !== undefined && ts.isStringLiteral(declaration.initializer);
}

function isCallable(member: ts.Symbol): boolean {
  return Boolean(member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor));
}
