// The smallest mesh: one graph, one worker, one call.
import { HotMesh, type StreamData, StreamStatus } from "@hotmesh/sdk";
import { Client } from "pg";
import { withPostgres } from "../postgres.js";

const graph = `
app:
  id: hello
  version: '1'
  graphs:
    - subscribes: hello.say
      expire: 60
      activities:
        asked:
          type: trigger
        greet:
          type: worker
          topic: hello.greet
          input: { maps: { name: '{asked.output.data.name}' } }
          job: { maps: { greeting: '{$self.output.data.greeting}' } }
      transitions:
        asked: [{ to: greet }]
`;

await withPostgres(async (connectionString) => {
  const connection = { class: Client, options: { connectionString } };
  const mesh = await HotMesh.init({
    appId: "hello",
    engine: { connection },
    workers: [
      {
        topic: "hello.greet",
        connection,
        callback: async (message: StreamData) => ({
          status: StreamStatus.SUCCESS,
          code: 200,
          metadata: { ...message.metadata },
          data: { greeting: `Hello, ${message.data["name"]}!` },
        }),
      },
    ],
  });
  await mesh.deploy(graph);
  await mesh.activate("1");
  const { data } = await mesh.pubsub("hello.say", { name: "world" });
  console.log(data?.["greeting"]);
  await mesh.stop();
});
