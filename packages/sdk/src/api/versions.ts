import type { HotMeshManifest } from "../document.js";

/**
 * Versions of an app. Every call rejects with a `HotMeshError`, of kind `no-engine` (400) when the instance has no
 * engine and `stopped` (409) after `stop`, besides the kinds that are named.
 */
export interface Versions {
  /**
   * Stores a graph document. It does nothing until it is activated. A version that is not active is replaced as a
   * whole; the active one may be deployed again as it is.
   *
   * @param pathOrYAML A path, an http(s) URL, or the YAML or JSON itself. A file may refer to files in its own folder
   * and below.
   * @returns The document, its references resolved, and warnings about what is doubtful.
   * @throws `CompileError` (kind `compile-failed`, 422) with every problem and its place. Nothing is stored then.
   * @throws `HotMeshError` of kind `version-active` (409) when another document is active under this version, and
   * `invalid-argument` (400) when the document cannot be read.
   *
   * @example
   * ```ts
   * const { app, warnings } = await hotMesh.deploy("./parcel.yaml");
   * await hotMesh.activate(app.version);
   * ```
   */
  deploy(pathOrYAML: string): Promise<HotMeshManifest>;

  /**
   * What `deploy` would resolve with, or throw about the document, without storing anything.
   *
   * @param pathOrYAML As for `deploy`.
   */
  plan(pathOrYAML: string): Promise<HotMeshManifest>;

  /**
   * Switches the whole mesh to a deployed version, an earlier one too. From then on no job starts on another; jobs that
   * run stay on theirs. Activating the active version changes nothing.
   *
   * @param version The version, as its document has it.
   * @param delay Milliseconds that members have to answer, and the pause before the switch: 250 unless given. The call
   * takes about five times as long.
   * @returns True: the version is active.
   * @throws `HotMeshError` of kind `version-not-found` (404), and `quorum-not-reached` (503, retryable) when the
   * members could not be counted in four rounds; nothing is switched then.
   */
  activate(version: string, delay?: number): Promise<boolean>;
}
