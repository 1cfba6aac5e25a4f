import { fork } from "node:child_process";
import type { CompileSpeed } from "./compile-speed.js";

/** Measures in several processes, one after the other, because only the first compilation of a process is cold. */
export async function compileSpeeds(options: {
  readonly processes: number;
  readonly activities: number;
  readonly runs: number;
}): Promise<readonly CompileSpeed[]> {
  const speeds: CompileSpeed[] = [];
  for (let count = 0; count < options.processes; count += 1) speeds.push(await inProcessOfItsOwn(options));
  return speeds;
}

function inProcessOfItsOwn(request: { readonly activities: number; readonly runs: number }): Promise<CompileSpeed> {
  const { activities, runs } = request;
  return new Promise((resolve, reject) => {
    const child = fork(new URL("./compile-process.ts", import.meta.url));
    child.once("message", (speed: CompileSpeed) => resolve(speed));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process that compiles ended with ${code} and said nothing`)));
    child.send({ activities, runs });
  });
}
