import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { type Diagnostic, HotMeshError, type Store } from "@hotmesh/core";
import {
  type AppManifest,
  type CompileResult,
  compile,
  type LoadedDocument,
  loadDocument,
} from "@hotmesh/core/compiler";

/** What `deploy` and `plan` resolve with: the document, its references resolved, and what is doubtful about it. */
export type HotMeshManifest = AppManifest & { readonly warnings: readonly Diagnostic[] };

/** Compiles text, a file or a URL. Throws one `CompileError` with every problem. */
export async function compileDocument(pathOrText: string, appId: string): Promise<CompileResult> {
  if (typeof pathOrText !== "string") {
    throw invalid(`the document is ${typeof pathOrText}; expected the path of a file, a URL, or YAML`);
  }
  return compile(await load(pathOrText), { app: appId });
}

/** Compiles and stores a document. Throws `version-active` (409) when another one is active under its version. */
export async function deployDocument(
  store: Pick<Store, "deploy">,
  pathOrText: string,
  appId: string,
): Promise<HotMeshManifest> {
  const compiled = await compileDocument(pathOrText, appId);
  if ((await store.deploy(compiled.plan)) === "version-active") {
    const hint = "raise app.version to deploy a change";
    throw new HotMeshError("version-active", `Version ${compiled.plan.version} of app ${appId} is active; ${hint}`);
  }
  return manifestOf(compiled);
}

export function manifestOf(result: CompileResult): HotMeshManifest {
  return { ...result.manifest, warnings: result.warnings };
}

/** A single line that names an existing file, or is a URL, is a path; everything else is the document itself. */
async function load(pathOrText: string): Promise<LoadedDocument> {
  const line = pathOrText.trim();
  if (!line.includes("\n")) {
    if (isUrl(line)) return loadDocument({ file: line, text: await fetchDocument(line) }, readUrl);
    if (await isFile(line)) return loadFile(line);
  }
  return loadDocument({ text: pathOrText });
}

async function loadFile(path: string): Promise<LoadedDocument> {
  const file = await realpath(path);
  const root = dirname(file);
  return loadDocument({ file, text: await readFile(file, "utf8") }, (wanted, from) =>
    readBelow(root, wanted, from ?? file),
  );
}

/** A document may only pull in what lies in its own folder or below, wherever symbolic links lead. */
async function readBelow(root: string, wanted: string, from: string): Promise<{ file: string; text: string }> {
  if (isUrl(wanted) || isUrl(from)) return readUrl(wanted, from);
  const file = await realpath(resolve(dirname(from), wanted));
  const inside = relative(root, file);
  if (inside === ".." || inside.startsWith(`..${sep}`) || resolve(inside) === inside) {
    throw new Error(`${wanted} lies outside of ${root}`);
  }
  return { file, text: await readFile(file, "utf8") };
}

async function readUrl(wanted: string, from: string | null): Promise<{ file: string; text: string }> {
  const file = new URL(wanted, from ?? undefined).href;
  if (!isUrl(file)) throw new Error(`${file} is not an http URL`);
  return { file, text: await fetchText(file) };
}

/** Of what it pulls in, the diagnostics tell; there are none of a document that is not there. */
async function fetchDocument(url: string): Promise<string> {
  try {
    return await fetchText(url);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`the document could not be read from its URL: ${reason}`, cause);
  }
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered with ${response.status}`);
  return response.text();
}

function isUrl(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Whatever cannot be looked at is no path: it is compiled, and the diagnostics say what it is.
    return false;
  }
}

function invalid(message: string, cause?: unknown): HotMeshError {
  return new HotMeshError("invalid-argument", message, cause === undefined ? {} : { cause });
}
