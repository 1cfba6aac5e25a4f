import { type Activation, after, type Clock, HotMeshError, type Store } from "@hotmesh/core";
import type { Quorum } from "./quorum.js";

export interface ActivateOptions {
  readonly quorum: Pick<Quorum, "headCount" | "publish">;
  readonly store: Pick<Store, "activate" | "activation" | "versions">;
  readonly clock: Clock;
  readonly appId: string;
  readonly version: string;
  /** Pause after each broadcast. */
  readonly delayMs: number;
}

/** The first count warms up; the others must agree. */
const pingsPerRound = 4;
const roundsMax = 4;

/**
 * Switches the mesh to a deployed version. The switch itself is one row update that every start checks; the exchange
 * around it makes sure that everybody is there and lets everybody watch. True when the version is active.
 */
export async function activate(options: ActivateOptions): Promise<boolean> {
  const { quorum, store, clock, version, delayMs } = options;
  const { versions, active } = { versions: await store.versions(), active: await store.activation() };
  const wanted = versions.find((known) => known.version === version);
  if (wanted === undefined) {
    throw new HotMeshError("version-not-found", 404, `Version ${version} does not exist for app ${options.appId}`);
  }
  if (isActive(active, version)) return true;
  await consensus(options);
  try {
    await quorum.publish({ type: "activate", cache_mode: "nocache", until_version: version });
    await clock.sleep(after(clock.now(), delayMs));
    await store.activate(version);
  } finally {
    await quorum.publish({ type: "activate", cache_mode: "cache", until_version: version });
  }
  return true;
}

function isActive(activation: Activation | null, version: string): boolean {
  return activation?.version === version;
}

async function consensus(options: ActivateOptions): Promise<void> {
  let { delayMs } = options;
  for (let round = 0; round < roundsMax; round += 1) {
    const counts: number[] = [];
    for (let ping = 0; ping < pingsPerRound; ping += 1) counts.push(await options.quorum.headCount(delayMs));
    if (agrees(counts)) return;
    delayMs *= 2;
  }
  throw new HotMeshError("quorum-not-reached", 503, `Quorum not reached. Version ${options.version} not activated.`, {
    retryable: true,
  });
}

/** The counts after the first are equal and not 0. */
export function agrees(counts: readonly number[]): boolean {
  const [, second, ...others] = counts;
  return second !== undefined && second > 0 && others.every((count) => count === second);
}
