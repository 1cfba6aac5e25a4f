import type { Net } from "./draw-net.js";
import type { Node } from "./node.js";

/** The child that an await starts. */
export interface AwaitedChild {
  readonly topic: string;
  /** Null: nobody subscribes to the topic. */
  readonly graph: GraphSpec | null;
  /** False: `await: false`. */
  readonly isAwaited: boolean;
  /** It tells its parent more than once, and the parent may hear that in any order. */
  readonly speaksOften: boolean;
  /** Its payload is not valid. */
  readonly isInvalid: boolean;
  /** What it answers when it does not succeed, the one failure of the app left out. */
  readonly troubles: readonly number[];
}

/** How a chain ends. */
export type Ending = "says" | "interrupts" | "stops" | "kills";

/** Everything that decides about one graph of an app. */
export interface GraphSpec {
  readonly net: Net;
  readonly topic: string;
  /** The topic of its signals. */
  readonly signals: string;
  readonly children: ReadonlyMap<Node, AwaitedChild>;
  /** Activities may emit and persist. */
  readonly speaks: boolean;
  /** Null: it ends wherever its branches end. */
  readonly ending: Ending | null;
  /** Payloads are validated. */
  readonly isStrict: boolean;
  /** It awaits itself while its payload says so. */
  readonly dives: boolean;
  /** Waits that the graph calls by itself, right from its trigger. */
  readonly called: ReadonlySet<Node>;
  /** It calls every job of an index. */
  readonly hasBroadcast: boolean;
}

export const interruptCode = 423;
