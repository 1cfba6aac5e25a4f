import { MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
import type { HotMeshConfig } from "../config.js";
import { HotMesh } from "../hotmesh.js";

/** A graph for each topic: a trigger and one worker. */
export function documentOf(appId: string, topics: readonly string[], version = "1"): string {
  const graphs = topics.map(
    (topic, n) => `
    - subscribes: do.${topic}
      publishes: done.${topic}
      activities:
        begin${n}: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work${n}:
          type: worker
          topic: ${topic}
          input: { maps: { id: '{begin${n}.output.data.id}' } }
          job: { maps: { by: '{$self.output.data.by}' } }
      transitions:
        begin${n}: [ { to: work${n} } ]
`,
  );
  return `
app:
  id: ${appId}
  version: '${version}'
  graphs:${graphs.join("")}`;
}

/** When which member began to work on which job, in milliseconds since the mesh was opened. */
export interface Begun {
  readonly guid: string;
  readonly topic: string;
  readonly id: unknown;
  readonly at: number;
}

/** Several instances of one app over one storage in memory, each with a backend of its own, under one clock. */
export function memoryMesh(appId = "harbour") {
  const clock = new TestClock();
  const database = new MemoryDatabase();
  const begin = clock.now();
  const begun: Begun[] = [];
  return {
    clock,
    begun,
    join: (guid: string, topics: readonly string[], over: Partial<HotMeshConfig> = {}): Promise<HotMesh> => {
      const backend = memoryBackend({ clock, database });
      const workers = topics.map((topic) => ({
        topic,
        backend,
        callback: async ({ data }: { readonly data: Record<string, unknown> }) => {
          begun.push({ guid, topic, id: data["id"], at: clock.now() - begin });
          return { data: { by: guid } };
        },
      }));
      return HotMesh.init({ appId, guid, clock, logLevel: "silent", engine: { backend }, workers, ...over });
    },
    store: memoryBackend({ clock, database }),
    /** Lets time pass in small steps, and everybody do what there is to do. */
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 10) {
        await calm();
        clock.advance(10);
      }
      await calm();
    },
  };
}

/** Everything happens that needs no time. */
async function calm(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
}
