import { after, type Clock } from "@hotmesh/core";
import type { PongMessage } from "./message.js";

/** One question to the mesh and the answers to it. Questions share nothing, so overlapping ones do not mix. */
export class Roll {
  readonly originator: string;
  readonly pongs: PongMessage[] = [];

  constructor(originator: string) {
    this.originator = originator;
  }

  hear(pong: PongMessage): void {
    if (pong.originator === this.originator) this.pongs.push(pong);
  }

  /** The time given for answering. */
  wait(clock: Clock, delayMs: number): Promise<void> {
    return clock.sleep(after(clock.now(), delayMs));
  }
}
