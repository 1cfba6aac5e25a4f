import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HotMesh } from "@hotmesh/sdk";
import { schemaName } from "@hotmesh/store-postgres";
import { Client } from "pg";

interface Elsewhere {
  /** How the worker's process loads the packages of its project. */
  readonly kind: "import" | "require";
  readonly url: string;
}

interface Answered {
  /** The worker's process. */
  readonly worker: number | undefined;
  /** The data of the job. */
  readonly output: unknown;
}

const answerMs = 60_000;

const graph = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: number.square
      activities:
        given: { type: trigger }
        square:
          type: worker
          topic: math.square
          input: { maps: { n: '{given.output.data.n}' } }
          job: { maps: { squared: '{$self.output.data.squared}', by: '{$self.output.data.by}' } }
      transitions:
        given: [{ to: square }]
`;

/** What a process that only works consists of. It ends when its parent hangs up. */
const work = `
const [, , connection, appId] = process.argv;
const work = async () => {
  const backend = await openPostgres({ connection, appId });
  const { stream, sub } = backend;
  const callback = async ({ data }) => ({ data: { squared: data.n ** 2, by: process.pid } });
  const worker = new Worker({
    topic: "math.square",
    entries: [{ name: null, callback }],
    stream,
    sub,
    clock: timerClock(globalThis),
    guid: guid(globalThis.crypto),
  });
  const stop = new Canceller();
  process.once("disconnect", () => stop.cancel());
  await worker.run(stop);
  await backend.close();
};
work();
`;

/** Runs an engine here and a worker in the project, which meet in the database alone, and has a number squared. */
export async function askWorkerOf(project: string, { kind, url }: Elsewhere): Promise<Answered> {
  const appId = `packed-${process.pid}-${kind}`;
  const connection = { class: Client, options: { connectionString: url } };
  const hotMesh = await HotMesh.init({ appId, logLevel: "error", engine: { connection } });
  try {
    await hotMesh.deploy(graph(appId));
    await hotMesh.activate("1", 20);
    return await withWorker(fork(writeWorker(project, kind), [url, appId], { cwd: project, execArgv: [] }), hotMesh);
  } finally {
    await hotMesh.stop();
    await dropApp(url, appId);
  }
}

/** Asks while the worker runs, and sees it to its end. */
async function withWorker(worker: ChildProcess, hotMesh: HotMesh): Promise<Answered> {
  const ended = once(worker, "exit").then(([code]: unknown[]) => code);
  const died = ended.then((code) => Promise.reject(new Error(`the worker ended early, with ${code}`)));
  try {
    const asked = hotMesh.pubsub("number.square", { n: 12 }, null, answerMs);
    const { data } = await Promise.race([asked, died]);
    worker.disconnect();
    const code = await ended;
    if (code !== 0) throw new Error(`the worker ended with ${code}`);
    return { worker: worker.pid, output: data };
  } finally {
    worker.kill("SIGKILL");
  }
}

/** The program in the way of the kind: as an ES module, or as CommonJS. */
function writeWorker(project: string, kind: Elsewhere["kind"]): string {
  const needed = [
    ["Canceller, guid, timerClock", "@hotmesh/core"],
    ["openPostgres", "@hotmesh/store-postgres"],
    ["Worker", "@hotmesh/worker"],
  ];
  const lines = needed.map(([names, from]) =>
    kind === "import" ? `import { ${names} } from "${from}";` : `const { ${names} } = require("${from}");`,
  );
  const file = join(project, kind === "import" ? "worker.mjs" : "worker.cjs");
  writeFileSync(file, `${lines.join("\n")}\n${work}`);

  return file;
}

async function dropApp(url: string, appId: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(`drop schema if exists "${schemaName("hmsh", appId)}" cascade`);
  } finally {
    await client.end();
  }
}
