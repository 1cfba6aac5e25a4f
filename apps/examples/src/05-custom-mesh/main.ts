// A mesh of one's own, composed from the packages beneath the sdk. The storage could be any that implements the ports.
import type { Backend, JsonObject } from "@hotmesh/core";
import { openPostgres } from "@hotmesh/store-postgres";
import { withPostgres } from "../postgres.js";
import { openMesh } from "./mesh.js";

const graph = `
app:
  id: custom
  version: '1'
  graphs:
    - subscribes: text.shout
      publishes: text.shouted
      expire: 60
      activities:
        given: { type: trigger }
        raise:
          type: worker
          topic: text.raise
          input: { maps: { text: '{given.output.data.text}' } }
        stress:
          type: worker
          topic: text.stress
          input: { maps: { text: '{raise.output.data.text}' } }
          job: { maps: { text: '{$self.output.data.text}' } }
      transitions:
        given: [{ to: raise }]
        raise: [{ to: stress, conditions: { code: 200 } }]
`;

await withPostgres(async (connection) => {
  const backend: Backend<object> = await openPostgres({ connection, namespace: "hmsh", appId: "custom" });
  const results: JsonObject[] = [];
  let onDone = (): void => {};
  const done = new Promise<void>((resolve) => {
    onDone = resolve;
  });
  const mesh = await openMesh({
    appId: "custom",
    backend,
    callbacks: {
      "text.raise": async ({ data }) => ({ data: { text: String(data["text"]).toUpperCase() } }),
      "text.stress": async ({ data }) => ({ data: { text: `${data["text"]}!` } }),
    },
    onJob: (_, data) => {
      results.push(data);
      if (results.length === 2) onDone();
    },
  });
  console.log(`version ${await mesh.deploy(graph)} is active, ${await mesh.count()} members`);
  for (const text of ["hey", "ho"]) await mesh.start("text.shout", { text });
  await done;
  console.log(
    results
      .map(({ text }) => text)
      .sort()
      .join(" "),
  );
  await mesh.stop();
  await backend.close();
});
