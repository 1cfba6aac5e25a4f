import { relative, resolve } from "node:path";
import ts from "typescript";

// Prints what TypeScript says of the files that are named, and only of them: what they import is checked elsewhere, and
// that would take most of the time.
const root = resolve(import.meta.dirname, "..");
const files = process.argv.slice(2);
const base = ts.readConfigFile(resolve(root, "tsconfig.base.json"), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(base.config, ts.sys, root);
const program = ts.createProgram(files, { ...options, noEmit: true, types: ["node"], noUnusedLocals: false });
for (const file of files) {
  const source = program.getSourceFile(file);
  for (const { start = 0, messageText } of ts.getPreEmitDiagnostics(program, source)) {
    const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    process.stdout.write(`${relative(root, file)}:${line}: ${message}\n`);
  }
}
