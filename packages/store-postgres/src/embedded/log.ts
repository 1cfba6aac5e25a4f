import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";

const linesMax = 25;

/** The last lines of a log, for an error message. */
export async function logTail(path: string): Promise<string> {
  if (!existsSync(path)) return "(no log)";

  return (await readFile(path, "utf8")).trimEnd().split("\n").slice(-linesMax).join("\n");
}

/** Puts the log of the run before aside, so that a persistent server keeps two logs and not all of them. */
export async function rotateLog(path: string): Promise<void> {
  if (existsSync(path)) await rename(path, path.replace(/\.log$/, ".previous.log"));
}
