// A process that only orchestrates: no callback runs here.
import { after, Canceller, timerClock } from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { Engine, startJob } from "@hotmesh/engine";
import { openPostgres } from "@hotmesh/store-postgres";

const graph = `
app:
  id: apart
  version: '1'
  graphs:
    - subscribes: number.square
      expire: 60
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

const [, , connection = ""] = process.argv;
const clock = timerClock(globalThis);
const backend = await openPostgres({ connection, namespace: "hmsh", appId: "apart" });
const { store, sub } = backend;
const { plan } = compileText(graph, { app: "apart" });
await store.deploy(plan);
await store.activate(plan.version);

const engine = new Engine({ appId: "apart", store, sub, clock });
const stop = new Canceller();
const running = engine.run(stop);
const jobs = await Promise.all(
  [1, 2, 3, 4].map((n) => startJob({ engine, now: () => clock.now() }, { topic: "number.square", payload: { n } })),
);
for (const { jobId } of jobs) {
  let job = await store.readJob(jobId);
  while (job?.phase === "running") {
    await clock.sleep(after(clock.now(), 20));
    job = await store.readJob(jobId);
  }
  console.log(`engine ${process.pid}: ${JSON.stringify(job?.data)}`);
}
stop.cancel();
await running;
await backend.close();
