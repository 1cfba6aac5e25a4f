import { setTimeout as sleep } from "node:timers/promises";
import { HotMesh } from "../index.js";
import { now } from "./metronome.js";

/** What became of a load: how many jobs were started, and why others were not. */
export interface Loaded {
  readonly started: number;
  readonly ms: number;
  readonly failures: readonly string[];
}

export interface LoadOptions {
  /** Each starts one job after the other. A start that is refused ends its turn. */
  readonly callers: number;
  /** Starts of all of them; as many as there can be unless given. */
  readonly perSecond?: number;
}

/** Starts jobs of the topic until the function that this returns is called. */
export function beginLoad(hotMesh: HotMesh, topic: string, options: LoadOptions): () => Promise<Loaded> {
  const { callers, perSecond = Number.POSITIVE_INFINITY } = options;
  const failures: string[] = [];
  const name = `${hotMesh.guid}/${HotMesh.guid()}`;
  const begin = now();
  let goesOn = true;
  let drawn = 0;
  const keepOn = async (): Promise<void> => {
    while (goesOn) {
      drawn += 1;
      const id = `${name}/${drawn}`;
      const early = begin + (drawn * 1_000) / perSecond - now();
      if (early >= 1) await sleep(early);
      try {
        await hotMesh.pub(topic, { id });
      } catch (error) {
        failures.push(String(error));
        return;
      }
    }
  };
  const all = Promise.all(Array.from({ length: callers }, keepOn));
  return async () => {
    goesOn = false;
    await all;
    return { started: drawn - failures.length, ms: now() - begin, failures };
  };
}
