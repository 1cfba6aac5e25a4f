import { setTimeout as sleep } from "node:timers/promises";
import { HotMesh, type ILogger } from "../index.js";
import type { ElsewhereSpec, Logged, RemoteCall } from "./elsewhere.js";
import { beginLoad, type Loaded, type LoadOptions } from "./load.js";
import { beat, now } from "./metronome.js";
import { sealingCodec } from "./sealing-codec.js";

/**
 * One instance in a process of its own, that does what its parent says: `elsewhere-process.ts <spec as JSON>`. It tells
 * its parent when it is there, what its `subQuorum` callback hears, and every message its workers begin with; the word
 * `stop` ends it.
 */
const spec: ElsewhereSpec = JSON.parse(process.argv[2] ?? "");
const { connection, appId, guid, topics, engine, patterns, concurrency, workMs = 0, metronomeMs, isClumsy } = spec;
if (spec.codecKey !== undefined) HotMesh.registerCodec(sealingCodec(spec.codecKey));
const tell = (what: object): void => void process.send?.(what);

const log =
  (level: Logged["level"]) =>
  (event: string): void =>
    tell({ logged: { level, event } });
const logger: ILogger = { debug: () => {}, info: () => {}, warn: log("warn"), error: log("error") };

const hotMesh = await HotMesh.init({
  appId,
  guid,
  logger,
  ...(engine !== "none" && { engine: { connection, readonly: engine === "reader" } }),
  workers: topics.map((topic) => ({
    topic,
    connection,
    ...(concurrency !== undefined && { concurrency }),
    callback: async ({ data }) => {
      tell({ begun: { guid, topic, id: data["id"], at: now() } });
      if (workMs > 0) await sleep(workMs);
      return { data: { by: guid } };
    },
  })),
});

/** What this process does with whatever it hears; a clumsy one has made two mistakes by then. */
async function hearWith<Heard extends unknown[]>(
  listen: (callback: (...heard: Heard) => unknown) => Promise<void>,
  hear: (...heard: Heard) => void,
): Promise<void> {
  const throwing = (): never => {
    throw new Error("thrown on purpose");
  };
  if (isClumsy === true) for (const callback of [throwing, async () => throwing()]) await listen(callback);
  await listen(hear);
}

await hearWith(
  (callback) => hotMesh.subQuorum(callback),
  (topic, message) => tell({ heard: { topic, message } }),
);
for (const pattern of patterns) {
  await hearWith(
    (callback) => hotMesh.psub(pattern, callback),
    (topic, output) => tell({ announced: { topic, output } }),
  );
}

let endLoad = async (): Promise<Loaded | null> => null;

const ofProcess = {
  beginLoad: (topic: string, options: LoadOptions): void => {
    endLoad = beginLoad(hotMesh, `do.${topic}`, options);
  },
  endLoad: () => endLoad(),
};

function perform({ method, parameters }: RemoteCall): unknown {
  if (method === "beginLoad" || method === "endLoad") return Reflect.apply(ofProcess[method], ofProcess, parameters);
  return Reflect.apply(hotMesh[method], hotMesh, parameters);
}

async function obey(call: RemoteCall): Promise<void> {
  try {
    tell({ answered: call.number, value: await perform(call) });
  } catch (error) {
    tell({ answered: call.number, failure: String(error) });
  }
}

const ending = new AbortController();
const metronome =
  metronomeMs === undefined
    ? null
    : beat(connection, { everyMs: metronomeMs, on: (at) => tell({ beat: at }), signal: ending.signal });

async function end(): Promise<void> {
  await hotMesh.stop();
  ending.abort();
  await metronome;
  process.disconnect();
}

process.on("message", (said: RemoteCall | "stop") => void (said === "stop" ? end() : obey(said)));
tell({ ready: guid });
