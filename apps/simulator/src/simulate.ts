import { after, type Instant, instant } from "@hotmesh/core";
import { type Prng, prng } from "@hotmesh/core/testing";
import { partOf, type SimulatedApp, writtenApp } from "./apps.js";
import { compareCounters, compareOutcomes, expectationOf } from "./outcome.js";
import type { Process, ProcessPlan } from "./process.js";
import { activitiesMax, randomApp } from "./random-graph/random-app.js";
import type { Sabotage } from "./sabotage.js";
import { type Story, tellStory, topicsOf } from "./stories.js";
import { Violation } from "./violation.js";
import { World } from "./world.js";

/** What a seed stands for, as far as it can be made smaller: the shrinker looks for less that still fails. */
export interface Size {
  readonly stories: number;
  readonly faults: number;
  /** Moves before the faults stop. */
  readonly ticks: number;
  /** Most activities of the graph that is started, where it is drawn. */
  readonly activities: number;
}

export interface Run {
  readonly seed: number;
  readonly size: Size;
  readonly violation: Violation | null;
  /** Faults that struck. */
  readonly faults: number;
  /** The app was drawn. */
  readonly isDrawn: boolean;
  /** It had to be. */
  readonly onlyDrawn: boolean;
}

export interface SimulateOptions {
  /** Less than the seed stands for. */
  readonly size?: Partial<Size>;
  /** Only apps that are drawn. */
  readonly onlyDrawn?: boolean;
  readonly sabotage?: Sabotage;
  readonly trace?: (line: string) => void;
}

/** The size a seed has by itself. */
export function sizeOf(seed: number): Size {
  const random = prng(seed).fork("size");
  return {
    stories: 1 + random.below(4),
    faults: 10 + random.below(50),
    ticks: 25 + random.below(70),
    activities: activitiesMax,
  };
}

/** Plays one seed: faults for a while, then quiet until everything has ended; the laws are checked all along. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Run> {
  const size = { ...sizeOf(seed), ...options.size };
  const random = prng(seed);
  const { onlyDrawn = false } = options;
  const { app, stories, isDrawn } = drawStories(random, size, onlyDrawn);
  const world = new World({
    seed,
    app: partOf(app, topicsOf(stories)),
    stories,
    layout: drawLayout(random.fork("layout")),
    faults: size.faults,
    sabotage: options.sabotage ?? {},
    trace: options.trace ?? null,
  });
  try {
    await world.open();
    const moves = random.fork("moves");
    for (let tick = 0; tick < size.ticks; tick += 1) await move(world, moves);
    await comeToRest(world);
    world.invariants.checkAtRest(world.database.contents());
    const expected = await Promise.all(stories.map((story) => expectationOf(app.plans[0], story, world.startedAt)));
    for (const { outcomes } of expected) compareOutcomes(outcomes, world.invariants.finished);
    compareCounters(
      expected.flatMap(({ counted }) => counted),
      world.database.contents().counters,
    );
    return { seed, size, violation: null, faults: world.coins.total, isDrawn, onlyDrawn };
  } catch (thrown) {
    if (!(thrown instanceof Violation)) throw thrown;
    return { seed, size, violation: thrown, faults: world.coins.total, isDrawn, onlyDrawn };
  }
}

interface Drawn {
  readonly app: SimulatedApp;
  readonly stories: readonly Story[];
  readonly isDrawn: boolean;
}

/** Stories of the written app, or of an app that this seed draws. */
function drawStories(random: Prng, size: Size, onlyDrawn: boolean): Drawn {
  const isDrawn = random.fork("app").chance(0.25) || onlyDrawn;
  const drawn = isDrawn ? randomApp(random.fork("graphs"), size.activities) : null;
  const count = drawn === null ? size.stories : Math.min(size.stories, 2);
  const stories = Array.from({ length: count }, (_, at) => {
    const draw = random.fork(`story ${at}`);
    return drawn === null ? tellStory(`s${at}`, draw) : drawn.tell(`s${at}`, draw);
  });
  return { app: drawn?.app ?? writtenApp, stories, isDrawn };
}

const topics = ["forge", "loom"];

/** One to three engines, with or without workers of their own, and worker processes until every topic has one. */
function drawLayout(random: Prng): readonly ProcessPlan[] {
  const hopsMax = random.chance(0.3) ? 1 + random.below(3) : 1_000;
  const engines = Array.from({ length: 1 + random.below(3) }, (_, at): ProcessPlan => {
    const own = random.chance(0.4) ? topics.filter(() => random.chance(0.6)) : [];
    return { name: `engine ${at}`, engine: true, topics: own, hopsMax };
  });
  const pools = topics.flatMap((topic) => {
    const served = engines.some((engine) => engine.topics.includes(topic));
    const count = served ? random.below(2) : 1 + random.below(2);
    return Array.from({ length: count }, (_, at): ProcessPlan => {
      return { name: `${topic} worker ${at}`, engine: false, topics: [topic], hopsMax };
    });
  });
  return [...engines, ...pools];
}

/** A random actor moves, or two or three at once; sometimes the clock does. */
async function move(world: World, random: Prng): Promise<void> {
  if (random.chance(0.35)) passTime(world, random);
  if (world.coins.toss("version-switch")) await world.switchVersion();
  for (const process of world.processes) {
    if (!process.isAlive && random.chance(0.2)) world.revive(process);
    else if (process.isAlive && world.coins.toss("wrong-clock")) process.clock.offsetMs += random.below(3_600_000);
  }
  const actors = 1 + random.below(3);
  for (let actor = 0; actor < actors; actor += 1) act(world, random);
  await world.settle();
}

function act(world: World, random: Prng): void {
  const waiting = world.clients.filter((client) => !client.isDone);
  if (waiting.length > 0 && world.engines.length > 0 && random.chance(0.25)) {
    random.pick(waiting).act(random.pick(world.engines));
  }
  const alive = world.processes.filter((process) => process.isAlive);
  if (alive.length === 0) return;
  const process = random.pick(alive);
  if (random.chance(0.02)) process.gap();
  process.tick(random.pick(process.pumps));
}

function passTime(world: World, random: Prng): void {
  const now = world.clock.now();
  if (world.coins.toss("clock-jump")) world.advanceTo(after(now, random.below(120_000)));
  else world.advanceTo(after(now, 1 + random.below(random.chance(0.2) ? 6_000 : 600)));
}

const roundsMax = 400;
/** Nobody needs every pump to look at a moment of its own once all is quiet. */
const restingMs = 1_000;

/** Nothing goes wrong any more: everything must come to its end. */
async function comeToRest(world: World): Promise<void> {
  world.coins.isQuiet = true;
  world.note(() => "the faults stop");
  for (const process of world.processes) {
    if (!process.isAlive) world.revive(process);
  }
  for (let round = 0; round < roundsMax; round += 1) {
    if (world.isAtRest) return;
    for (const [at, client] of world.clients.entries()) {
      const process = world.engines[at % world.engines.length];
      if (process !== undefined) client.act(process);
    }
    for (const process of world.processes) for (const pump of process.pumps) process.tick(pump);
    await world.settle();
    const nextAt = earliest(world.processes, world.clock.nextDueAt);
    if (nextAt > world.clock.now()) world.advanceTo(instant(Math.max(nextAt, world.clock.now() + restingMs)));
  }
  const open = world.database.contents().jobs.filter((job) => job.status > 0 || job.phase === "pending");
  const shown = open.map((job) => `${job.id} ${job.phase} ${JSON.stringify(job.control)}`).join("; ");
  throw new Violation("everything comes to its end", shown === "" ? "messages or clients are left" : shown);
}

function earliest(processes: readonly Process[], sleeper: Instant | null): Instant {
  const wanted = processes.map((process) => process.nextAt).filter((at) => at !== null);
  if (sleeper !== null) wanted.push(sleeper);
  return instant(Math.min(...wanted));
}
