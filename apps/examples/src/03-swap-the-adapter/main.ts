// One app, two storages. In memory, with a clock that the program moves, thirty days pass at once: that is how graphs
// are tested. On Postgres time is real, so the same trial lasts two seconds here.
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { withPostgres } from "../postgres.js";
import { runTrial } from "./trial.js";

const clock = new TestClock();
const startedAt = clock.now();
const inMemory = await runTrial(
  {
    clock,
    backend: memoryBackend({ clock }),
    pass: async (ms) => {
      await turn();
      clock.advance(ms);
    },
  },
  30,
);
const days = Math.round((clock.now() - startedAt) / 86_400_000);
console.log(`in memory:   reminded ${inMemory.data?.["sent"]} after ${days} days`);

await withPostgres(async (url) => {
  const seconds = 2;
  const onPostgres = await runTrial({ connection: url, pass: async (ms) => pause(ms) }, seconds / 86_400);
  console.log(`on Postgres: reminded ${onPostgres.data?.["sent"]} after ${seconds} seconds`);
});
