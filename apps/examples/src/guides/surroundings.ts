/** What comes before and after the blocks of a page that shows how to do a thing, and not how to get there. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
}

/** Those of pages that are no programs by themselves, in blocks like theirs. */
export const surroundings: Readonly<Record<string, Surroundings>> = {
  "codec.md": {
    before: `
\`\`\`ts
process.env.JOB_KEY = Buffer.alloc(32, "k").toString("base64");
\`\`\`
`,
    after: `
\`\`\`ts
const mesh = await HotMesh.init({ appId: "bank", engine: { connection: process.env.DATABASE_URL ?? "" } });
await mesh.deploy(\`
app:
  id: bank
  version: '1'
  graphs:
    - subscribes: account.opened
      expire: 600
      activities:
        account:
          type: trigger
          job: { maps: { holder: '{$self.input.data.holder}', card: '{$self.input.data.card}' } }
\`);
await mesh.activate("1");
console.log((await mesh.pubsub("account.opened", { holder: "Ada", card: { number: "4929" } })).data);
await mesh.stop();
\`\`\`

\`\`\`text
{ holder: 'Ada', card: { number: '4929' } }
\`\`\`

\`\`\`sql
select context ->> 'holder', left(context ->> 'card', 2) from bank.jobs
\`\`\`

\`\`\`text
Ada | /b
\`\`\`
`,
  },
  "errors.md": {
    before: `
\`\`\`ts
import { HotMesh } from "@hotmesh/sdk";

const hotMesh = await HotMesh.init({ appId: "parcels", engine: { connection: process.env.DATABASE_URL ?? "" } });
await hotMesh.deploy(\`
app:
  id: parcels
  version: '1'
  graphs:
    - subscribes: parcel.booked
      activities: { parcel: { type: trigger, stats: { id: '{$self.input.data.id}' } } }
\`);
await hotMesh.activate("1");
const parcel = { id: "P1" };
await hotMesh.pub("parcel.booked", parcel);
\`\`\`
`,
    after: `
\`\`\`ts
await hotMesh.stop();
\`\`\`
`,
  },
  "sql-and-connections.md": {
    before: `
\`\`\`sql
create role picker
\`\`\`

\`\`\`ts
import { HotMesh } from "@hotmesh/sdk";
import { Client } from "pg";

const client = new Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query("create table crates (apples int)");
const mesh = await HotMesh.init({ appId: "orchard", engine: { connection: process.env.DATABASE_URL ?? "" } });
await mesh.deploy(\`
app:
  id: orchard
  version: '1'
  graphs:
    - subscribes: apples.weigh
      activities: { basket: { type: trigger } }
    - subscribes: cider.press
      activities: { press: { type: trigger }, ripen: { type: hook } }
      transitions: { press: [ { to: ripen } ] }
      hooks:
        cider.tasted:
          - to: ripen
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.barrel}' } ] }
\`);
await mesh.activate("1");
\`\`\`
`,
    after: `
\`\`\`ts
console.log((await client.query("select topic from orchard.jobs")).rows.length);
await client.end();
await mesh.stop();
\`\`\`

\`\`\`text
1
\`\`\`
`,
  },
};
