import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "@hotmesh/core";
import { HotMesh, type HotMeshEngine, type JobOutput } from "@hotmesh/sdk";

/** A trial runs for some days; then the customer is reminded. */
const graph = `
app:
  id: trial
  version: '1'
  graphs:
    - subscribes: trial.begin
      publishes: trial.ended
      expire: 3600
      activities:
        begin:
          type: trigger
        use:
          type: hook
          sleep: { '@pipe': [['{begin.output.data.days}', 86400], ['{@math.multiply}']] }
        remind:
          type: worker
          topic: mail.send
          input: { maps: { to: '{begin.output.data.email}', armed: '{use.hook.data.timestamp}' } }
          job: { maps: { sent: '{$self.output.data.sent}' } }
      transitions:
        begin: [{ to: use }]
        use: [{ to: remind }]
`;

/** Where the app runs. The app itself does not know. */
export interface Place extends Pick<HotMeshEngine, "connection" | "backend"> {
  readonly clock?: Clock;
  /** Lets `ms` milliseconds pass. */
  pass(ms: number): Promise<void>;
}

/** Runs one trial; what its job holds in the end. */
export async function runTrial(place: Place, days: number): Promise<JobOutput> {
  const { clock, pass, ...storage } = place;
  const mesh = await HotMesh.init({
    appId: "trial",
    engine: storage,
    workers: [
      { topic: "mail.send", ...storage, callback: async ({ data }) => ({ data: { sent: data["to"] ?? null } }) },
    ],
    ...(clock !== undefined && { clock }),
  });
  try {
    await mesh.deploy(graph);
    await during(mesh.activate("1", 20), () => pass(20));

    const ended = new Promise<JobOutput>((resolve) => {
      void mesh.sub("trial.ended", (_, output) => resolve(output));
    });
    await mesh.pub("trial.begin", { email: "ada@example.com", days });
    await pass(days * 86_400_000);
    return await ended;
  } finally {
    await during(mesh.stop(), () => pass(20));
  }
}

/** Keeps time going until the work is done. */
async function during<T>(work: Promise<T>, pass: () => Promise<void>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => undefined);
  while (!isDone) {
    await pass();
    await turn();
  }
  return done;
}
