import type { Plan, Pump, StepOptions, Store } from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { type MemoryTransaction, memoryBackend, TestClock } from "@hotmesh/core/testing";
import { Engine } from "../engine.js";
import type { EngineOptions } from "../engine-options.js";
import { startJob } from "../start-job.js";

type Step = Store<MemoryTransaction>["step"];

/** A document with one graph that waits for a worker, and one that needs nothing from outside. */
export function document(version = "1"): string {
  return `
app:
  id: studio
  version: '${version}'
  graphs:
    - subscribes: pot.throw
      activities:
        t1: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        k1:
          type: worker
          topic: kiln.fire
          input: { maps: { temp: 900 } }
          job: { maps: { fired: '{$self.output.data.fired}' } }
      transitions:
        t1: [ { to: k1 } ]
    - subscribes: pot.note
      activities:
        n1: { type: trigger, job: { maps: { seen: true } } }
    - subscribes: pot.dry
      activities:
        d1: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        d2: { type: hook, sleep: 60 }
      transitions:
        d1: [ { to: d2 } ]
`;
}

export function planOf(text: string): Plan {
  return compileText(text).plan;
}

/** An engine over a storage in memory that counts its steps. `through` may stand between them. */
export function studio(
  over: Partial<EngineOptions<MemoryTransaction>> & { readonly through?: (step: Step) => Step } = {},
) {
  const clock = new TestClock();
  const backend = memoryBackend({ clock });
  const steps: StepOptions<MemoryTransaction>[] = [];
  const plain: Step = (options, program) => backend.store.step(options, program);
  const step = over.through?.(plain) ?? plain;
  const store: Store<MemoryTransaction> = {
    ...backend.store,
    step: (options, program) => {
      steps.push(options);
      return step(options, program);
    },
  };
  const engine = new Engine<MemoryTransaction>({
    appId: "studio",
    store,
    sub: backend.sub,
    clock,
    random: () => 0.5,
    ...over,
  });
  let drawn = 0;
  const newId = (): string => {
    drawn += 1;
    return `H${drawn}`;
  };
  return {
    clock,
    backend,
    engine,
    steps,
    deploy: async (text = document()) => {
      const plan = planOf(text);
      await backend.store.deploy(plan);
      await backend.store.activate(plan.version);
      return plan;
    },
    start: (topic: string, payload = {}, within?: MemoryTransaction) =>
      startJob({ engine, newId, now: () => clock.now() }, { topic, payload, ...(within !== undefined && { within }) }),
    settle: () => settle(engine),
    /** Ticks until the promise is settled; what came of it. */
    outcome: async <T>(promise: Promise<T>): Promise<T> => {
      let isOpen = true;
      const close = (): void => {
        isOpen = false;
      };
      promise.then(close, close);
      for (let round = 0; isOpen && round < 20; round += 1) await settle(engine);
      if (isOpen) throw new Error("nothing comes of it");
      return promise;
    },
  };
}

/** Ticks until nothing is left to do at this moment. */
async function settle(engine: Pick<Pump, "tick">): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    if (!(await engine.tick()).worked) return;
  }
  throw new Error("the engine does not come to rest");
}
