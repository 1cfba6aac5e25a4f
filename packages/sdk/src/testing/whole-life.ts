import { HotMesh } from "../index.js";

/** A program as users write it: the whole life of an app. Its arguments are the database and the app's id. */
const [, , connection = "", appId = ""] = process.argv;
const hotMesh = await HotMesh.init({
  appId,
  engine: { connection },
  workers: [{ topic: "label.print", connection, callback: async ({ data }) => ({ data: { sheet: data["weight"] } }) }],
});
await hotMesh.deploy(`
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: parcel.booked
      activities:
        booked: { type: trigger }
        label:
          type: worker
          topic: label.print
          input: { maps: { weight: '{booked.output.data.weight}' } }
          job: { maps: { sheet: '{$self.output.data.sheet}' } }
      transitions:
        booked: [ { to: label } ]
`);
await hotMesh.activate("1", 20);
const { data } = await hotMesh.pubsub("parcel.booked", { weight: 300 });
await hotMesh.stop();
process.stdout.write(JSON.stringify(data));
