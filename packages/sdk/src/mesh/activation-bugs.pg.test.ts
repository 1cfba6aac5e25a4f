import { afterEach, expect, test } from "vitest";
import { beginLoad } from "../testing/load.js";
import { SeedApp } from "../testing/seed-app.js";
import { type Between, startsBetween, switchPatiently, watchSwitches } from "../testing/switches.js";

const documentOf = (appId: string, version: string): string => `
app:
  id: ${appId}
  version: '${version}'
  graphs:
    - subscribes: do.letter.stamp
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' }, job: { maps: { release: '${version}' } } }
`;

const load = { callers: 60 };
let app: SeedApp;

afterEach(() => app.close());

/** How a version becomes active, and what of the checks around it was taken out before. */
interface Way {
  plant?(): Promise<void>;
  activate(version: string): Promise<void>;
}

const properly = (version: string): Promise<void> =>
  switchPatiently((delayMs) => app.desk.activate(version, Math.min(delayMs, 160)));

/** Takes a guard out of a function of the schema, in which it stands exactly once. */
async function takeOut(name: string, guard: RegExp, instead: string): Promise<void> {
  const [found] = await app.sql(
    `select pg_get_functiondef(p.oid) as text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
     where n.nspname = $1 and p.proname = $2`,
    [app.appId, name],
  );
  const parts = String(found?.["text"]).split(guard);
  expect(parts, `the guard stands in ${name} exactly once`).toHaveLength(2);
  await app.sql(parts.join(instead));
}

/** What starts between switches under load, until a start is on a version that is not active, or `most` switches. */
async function switchedUnderLoad(name: string, way: Way, most: number): Promise<readonly Between[]> {
  app = await SeedApp.open(name);
  for (const version of ["1", "2"]) await app.desk.deploy(documentOf(app.appId, version));
  await app.desk.activate("1", 20);
  await watchSwitches(app);
  await way.plant?.();
  let between: readonly Between[] = [];
  for (let done = 0; done < most && between.every(({ other }) => other === 0); done += 2) {
    const endLoad = beginLoad(app.desk, "do.letter.stamp", load);
    for (const version of ["2", "1"]) await way.activate(version);
    await endLoad();
    between = await startsBetween(app);
  }
  return between;
}

const sharedLock = /\s*perform pg_advisory_xact_lock_shared\(hashtextextended\([^;]*activation', 0\)\);/;

test("starts between switches are all on the version that is active", async () => {
  const between = await switchedUnderLoad("sound", { activate: properly }, 6);

  expect(between.map(({ version, other }) => [version, other])).toEqual(
    ["2", "1", "2", "1", "2", "1"].map((v) => [v, 0]),
  );
  expect(between.filter(({ active }) => active > 0).length).toBeGreaterThan(between.length / 2);
}, 60_000);

const bugs: Readonly<Record<string, Way>> = {
  "a start that does not check the version": {
    plant: () => takeOut("step_commit", / and a\.epoch = r\.epoch/, ""),
    activate: properly,
  },
  "a start that checks the version and does not keep it from moving": {
    plant: () => takeOut("step_commit", sharedLock, ""),
    activate: properly,
  },
  "an activation that does not wait for the starts under way": {
    activate: async (version) => {
      await app.sql(
        `update "${app.appId}".app set version = v.version, plan = v.plan, epoch = epoch + 1
         from "${app.appId}".version as v where v.version = $1`,
        [version],
      );
    },
  },
};

for (const [index, [bug, way]] of Object.entries(bugs).entries()) {
  test(`${bug} shows as a start on a version that is not active`, async () => {
    const between = await switchedUnderLoad(`unsound${index}`, way, 200);

    expect(between.some(({ other }) => other > 0)).toBe(true);
  }, 60_000);
}
