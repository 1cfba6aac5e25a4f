import { join } from "node:path";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the bundles of the programs that tests run. */
    readonly programs: string;
  }
}

/** The file to run for one of the programs of this folder. */
export function programFile(name: string): string {
  return join(inject("programs"), `${name}.mjs`);
}
