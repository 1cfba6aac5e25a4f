import {
  type Activation,
  after,
  type Clock,
  HotMeshError,
  type Logger,
  type Registry,
  type Store,
  silentLogger,
} from "@hotmesh/core";
import type { Quorum } from "./quorum.js";

/** What a switch of versions needs. */
export interface ActivateOptions {
  /** Counts and tells the members. */
  readonly quorum: Pick<Quorum, "headCount" | "publish">;
  /** Where the switch is made. */
  readonly store: Pick<Store, "activate" | "activation" | "versions">;
  /** Where activations take turns. */
  readonly registry: Pick<Registry, "takeTurn" | "endTurn">;
  /** Says when a pause is over. */
  readonly clock: Clock;
  /** Identity of this activation: its turn belongs to it. */
  readonly holder: string;
  /** The app; shown in errors. */
  readonly appId: string;
  /** A deployed version. */
  readonly version: string;
  /** Pause after each broadcast. */
  readonly delayMs: number;
  /** Silent unless given. */
  readonly logger?: Logger;
}

/** The first count warms up; the others must agree. */
const pingsPerRound = 4;
const roundsMax = 4;
/** What storage and messages take besides the pauses, generously; whoever dies holds up the others for so long. */
const turnSlackMs = 10_000;
/** Nobody tells when a turn ends, so whoever waits for it asks this often. */
const turnPollMs = 250;

/**
 * Switches the mesh to a deployed version. The switch itself is one row update that every start checks; the exchange
 * around it makes sure that everybody is there and lets everybody watch. True when the version is active.
 */
export async function activate(options: ActivateOptions): Promise<boolean> {
  const { registry, store, version, holder, logger = silentLogger } = options;
  const versions = await store.versions();
  if (!versions.some((known) => known.version === version)) {
    throw new HotMeshError("version-not-found", `Version ${version} does not exist for app ${options.appId}`);
  }
  if (isActive(await store.activation(), version)) return true;
  await awaitTurn(options);
  try {
    // Whoever had the turn before may have switched to this very version.
    if (!isActive(await store.activation(), version)) await switchOver(options);
    return true;
  } finally {
    const end = registry.endTurn({ name: turnName, holder });
    await end.catch((error: unknown) => logger.warn("activation-turn-not-ended", { version, error }));
  }
}

const turnName = "activation";

/** Resolves when it is this activation's turn. */
async function awaitTurn({ registry, clock, holder, delayMs }: ActivateOptions): Promise<void> {
  for (;;) {
    const waitMs = await registry.takeTurn({ name: turnName, holder }, turnMs(delayMs));
    if (waitMs === null) return;
    await clock.sleep(after(clock.now(), Math.min(Math.max(1, waitMs), turnPollMs)));
  }
}

/** Long enough for a round of head-counts, and for the switch itself. */
function turnMs(delayMs: number): number {
  return turnSlackMs + pingsPerRound * delayMs;
}

async function switchOver(options: ActivateOptions): Promise<void> {
  const { quorum, store, clock, version, delayMs, logger = silentLogger } = options;
  await consensus(options);
  try {
    await quorum.publish({ type: "activate", cache_mode: "nocache", until_version: version });
    await clock.sleep(after(clock.now(), delayMs));
    await store.activate(version);
  } finally {
    // Engines go back to caching by themselves, so that a word that cannot be sent changes nothing of the outcome.
    const caching = quorum.publish({ type: "activate", cache_mode: "cache", until_version: version });
    await caching.catch((error: unknown) => logger.warn("activation-end-not-announced", { version, error }));
  }
}

function isActive(activation: Activation | null, version: string): boolean {
  return activation?.version === version;
}

async function consensus(options: ActivateOptions): Promise<void> {
  const { registry, holder } = options;
  let { delayMs } = options;
  for (let round = 0; round < roundsMax; round += 1) {
    // Each round takes longer than the one before; the turn is prolonged for it.
    await registry.takeTurn({ name: turnName, holder }, turnMs(delayMs));
    const counts: number[] = [];
    for (let ping = 0; ping < pingsPerRound; ping += 1) counts.push(await options.quorum.headCount(delayMs));
    if (agrees(counts)) return;
    delayMs *= 2;
  }
  throw new HotMeshError("quorum-not-reached", `Quorum not reached. Version ${options.version} not activated.`);
}

/** The counts after the first are equal and not 0. */
export function agrees(counts: readonly number[]): boolean {
  const [, second, ...others] = counts;
  return second !== undefined && second > 0 && others.every((count) => count === second);
}
