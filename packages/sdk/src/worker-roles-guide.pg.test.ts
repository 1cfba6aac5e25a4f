import { readFileSync } from "node:fs";
import { Client } from "pg";
import { expect, inject, test, vi } from "vitest";
import { HotMesh } from "./index.js";

const guide = readFileSync(new URL("../../../docs/worker-roles.md", import.meta.url), "utf8");
const appId = `guide-${process.pid}`;
const document = `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: apples.weigh
      activities:
        basket: { type: trigger }
        scale:
          type: worker
          topic: scale.read
          input: { maps: { apples: '{basket.output.data.apples}' } }
          job: { maps: { grams: '{$self.output.data.grams}' } }
      transitions: { basket: [ { to: scale } ] }
`;

/** The blocks of the guide in one language, about an app of this test and people of this test. */
function blocks(language: string): readonly string[] {
  const found = guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"));
  return [...found].map(([, code = ""]) =>
    code.replaceAll('"orchard"', `"${appId}"`).replaceAll("analyst", `"${appId}"`),
  );
}

interface Proofs {
  worker(role: { readonly roleName: string; readonly password: string }): Promise<void>;
  roles(role: { readonly roleName: string; readonly next: string; readonly roles: readonly object[] }): Promise<void>;
}

/** The code of the guide from the first line to the last, with a look at what it did in between. */
async function follow(proofs: Proofs): Promise<void> {
  const [make, work, change, ...others] = blocks("js");
  expect(others).toEqual([]);
  const ownerUrl = inject("postgresUrl");
  const connection = { class: Client, options: { connectionString: ownerUrl } };
  const { host, port, database } = new Client({ connectionString: ownerUrl });
  const given = { HotMesh, Client, ownerUrl, connection, host, port, database, proofs };
  const code = `return (async () => {${make}${work}
    await proofs.worker({ roleName, password });
    ${change}
    await proofs.roles({ roleName, next, roles });
    await worker.stop();
  })()`;
  await new Function(...Object.keys(given), code)(...Object.values(given));
}

test("the guide to worker roles does what it says", async () => {
  const connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
  const sql = new Client(connection.options);
  await sql.connect();
  const desk = await HotMesh.init({ appId, logLevel: "silent", engine: { connection } });
  await desk.deploy(document);
  await desk.activate("1", 20);
  let user = "";
  // A worker whose role was revoked complains when it is stopped.
  vi.stubEnv("HMSH_LOGLEVEL", "silent");

  await follow({
    worker: async ({ roleName, password }) => {
      user = roleName;
      expect(password).toHaveLength(32);
      expect((await desk.pubsub("apples.weigh", { apples: 3 })).data).toEqual({ grams: 450 });
    },
    roles: async ({ roleName, next, roles }) => {
      expect(next).toHaveLength(32);
      expect(roles).toMatchObject([
        { roleName, streamNames: ["cellar:press", "scale.read"], revokedAt: expect.any(Date) },
      ]);
    },
  });
  await sql.query(`create role "${appId}"`);
  for (const block of blocks("sql")) await sql.query(block);
  await sql.query(`set role "${appId}"`);
  const { rows } = await sql.query(`select topic, state from "${appId}".jobs`);

  expect(rows).toEqual([{ topic: "apples.weigh", state: "completed" }]);
  expect(user).toBe(`hmsh_wrk_${appId}_cellar:press_scale.read`);
  vi.unstubAllEnvs();
  await sql.query("reset role");
  await HotMesh.stop();
  await sql.query(
    `drop owned by "${appId}", "${user}"; drop role "${appId}", "${user}"; drop schema "${appId}" cascade`,
  );
  await sql.end();
});
