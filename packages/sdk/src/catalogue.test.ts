import { jobId } from "@hotmesh/core";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { afterEach, describe, vi } from "vitest";
import { HotMesh } from "./hotmesh.js";
import { type CatalogueHost, type CatalogueMesh, catalogueConformance } from "./testing/catalogue.suite.js";
import { statisticsConformance } from "./testing/statistics.suite.js";

afterEach(() => HotMesh.stop());

describe.each([
  { way: "handed over", handoff: true },
  { way: "through the storage", handoff: false },
])("with work $way", ({ handoff }) => {
  const host: CatalogueHost = {
    name: "memory",
    open: async (workers): Promise<CatalogueMesh> => {
      const clock = new TestClock();
      const backend = memoryBackend({ clock });
      const appId = "specex";
      const mesh = await HotMesh.init({
        appId,
        logLevel: "silent",
        clock,
        engine: { backend, handoff },
        workers: workers.map((worker) => ({ ...worker, backend })),
      });
      const pending = { seconds: 30, elapse: () => clock.advance(30_000) };
      const job = (id: string) => backend.store.readJob(jobId(id));
      return { appId, mesh, passing: (work) => passing(clock, work), pending, job };
    },
  };
  catalogueConformance(host);
  statisticsConformance(host);
});

/** Moves the clock until the work is done. */
async function passing<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  const moved = vi.waitUntil(
    () => {
      clock.advance(20);
      return isDone;
    },
    { interval: 1, timeout: 10_000 },
  );
  const result = await done;
  await moved;
  return result;
}
