import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { compile, type LoadedDocument, loadDocument, loadInline } from "@hotmesh/core/compiler";

/** A graph to run, and the app it belongs to. */
export interface Subject {
  readonly name: string;
  readonly appId: string;
  readonly version: string;
  /** What `deploy` takes. */
  readonly document: string;
  /** Starts a job. */
  readonly topic: string;
  /** Topics that need a worker. */
  readonly workerTopics: readonly string[];
}

const chain = Array.from({ length: 10 }, (_, index) => `s${index + 1}`);
const fan = Array.from({ length: 20 }, (_, index) => `f${index + 1}`);
const work = "type: worker, topic: bench.work, input: { maps: { n: 1 } }";

/** Topic → graph. Jobs are kept while the benchmark runs: deleting them is not part of what is measured. */
const builtIn: Readonly<Record<string, string>> = {
  "one-step": `
      activities:
        a0: { type: trigger }
        a1: { ${work} }
      transitions:
        a0: [{ to: a1 }]`,
  "ten-steps": `
      activities:
        s0: { type: trigger }
${chain.map((id) => `        ${id}: { ${work} }`).join("\n")}
      transitions:
${chain.map((id, index) => `        s${index}: [{ to: ${id}, conditions: { code: 200 } }]`).join("\n")}`,
  "pass-through": `
      activities:
        p0: { type: trigger }
        p1: { type: hook, job: { maps: { first: true } } }
        p2: { type: hook, job: { maps: { second: true } } }
      transitions:
        p0: [{ to: p1 }]
        p1: [{ to: p2 }]`,
  "fan-out": `
      activities:
        f0: { type: trigger }
${fan.map((id) => `        ${id}: { ${work} }`).join("\n")}
        f99: { type: hook, join: all, job: { maps: { done: true } } }
      transitions:
        f0: [${fan.map((id) => `{ to: ${id} }`).join(", ")}]
${fan.map((id) => `        ${id}: [{ to: f99, conditions: { code: 200 } }]`).join("\n")}`,
  "awaited-child": `
      activities:
        c0: { type: trigger }
        c1: { type: await, topic: one-step }
      transitions:
        c0: [{ to: c1 }]`,
};

export const builtInNames: readonly string[] = Object.keys(builtIn);

const builtInDocument = `
app:
  id: bench
  version: '1'
  graphs:
${Object.entries(builtIn)
  .map(([topic, graph]) => `    - subscribes: ${topic}\n      expire: 86400${graph}`)
  .join("\n")}
`;

/** A graph that comes with the benchmark. */
export function builtInSubject(name: string): Subject {
  if (!Object.hasOwn(builtIn, name)) throw new Error(`no graph ${name}; there are ${builtInNames.join(", ")}`);
  const { plan } = compile(loadInline({ text: builtInDocument }));
  const { app, version } = plan;
  return { name, appId: app, version, document: builtInDocument, topic: name, workerTopics: ["bench.work"] };
}

/** A graph of a file; its workers answer with what they were given. */
export async function subjectOfFile(path: string, topic: string): Promise<Subject> {
  const file = resolve(path);
  const { plan } = compile(await load(file));
  const workers = plan.graphs.flatMap(({ activities }) => activities.filter(({ type }) => type === "worker"));
  const topics = workers.flatMap((worker) =>
    worker.type === "worker" && worker.topic.op === "literal" ? [String(worker.topic.value)] : [],
  );
  const { app: appId, version } = plan;
  return { name: topic, appId, version, document: file, topic, workerTopics: [...new Set(topics)] };
}

async function load(file: string): Promise<LoadedDocument> {
  return loadDocument({ file, text: await readFile(file, "utf8") }, async (wanted, from) => {
    const path = resolve(from ?? file, "..", wanted);
    return { file: path, text: await readFile(path, "utf8") };
  });
}
