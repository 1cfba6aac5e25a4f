import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type QuorumMessage } from "../index.js";
import type { Elsewhere, Loaded } from "../testing/elsewhere.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const versions = ["1", "2", "3"];
const switches = 20;
/** Callers in each of two processes that start one job after the other. */
const callers = 24;

const documentOf = (appId: string, version: string): string => `
app:
  id: ${appId}
  version: '${version}'
  graphs:
    - subscribes: do.label.print
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work:
          type: worker
          topic: label.print
          input: { maps: { id: '{begin.output.data.id}' } }
          job: { maps: { release: 'release ${version}' } }
      transitions:
        begin: [ { to: work } ]
`;

let app: SeedApp;
let north: Elsewhere;
let south: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("switched");
  for (const version of versions) await app.desk.deploy(documentOf(app.appId, version));
  await app.desk.activate("1", 20);
  [north, south] = await Promise.all([
    app.join("north", ["label.print"]),
    app.join("south", ["label.print"]),
    app.join("yard", ["label.print"], { engine: "none" }),
  ]);
}, 60_000);

afterAll(() => app.close());

interface Switch {
  readonly version: string;
  /** Jobs that had started on each version when this one became active. */
  readonly jobs: Readonly<Record<string, number>>;
}

/**
 * Writes down, in the very transaction that switches the version, how many jobs there are of each. Jobs keep their
 * version and are not removed here, and a job that the transaction does not see commits after this. So starts on a
 * version that is not active show as a number that has grown by the next switch, however close to the switch they are.
 */
async function watchSwitches(): Promise<void> {
  const schema = `"${app.appId}"`;
  await app.sql(`create table ${schema}.switched (n serial, version text, jobs json)`);
  await app.sql(`
    create function ${schema}.note_switch() returns trigger language plpgsql as $$
    begin
      insert into ${schema}.switched (version, jobs)
      select new.version, coalesce(json_object_agg(version, jobs), '{}')
      from (select version, count(*) as jobs from ${schema}.job group by version) as counted;
      return new;
    end $$`);
  await app.sql(
    `create trigger note_switch after update on ${schema}.app for each row execute function ${schema}.note_switch()`,
  );
}

/** Starts between a switch and the next one, by whether they are on the version that it made active. */
function startsAfter(
  { version, jobs }: Switch,
  next: Switch["jobs"],
): { readonly active: number; readonly other: number } {
  const grown = (of: string): number => (next[of] ?? 0) - (jobs[of] ?? 0);
  const others = versions.filter((one) => one !== version);
  return { active: grown(version), other: others.reduce((sum, one) => sum + grown(one), 0) };
}

test(`A2 S41 S43 ${switches} switches under load: none starts on an old version, none is lost or doubled`, async () => {
  await watchSwitches();
  for (const one of [north, south]) await one.call("beginLoad", "label.print", callers);

  // Every third switch goes back to a version that was active before.
  for (let n = 1; n <= switches; n += 1) {
    const activator = n % 2 === 0 ? north : south;
    expect(await activator.call("activate", versions[n % versions.length], 20)).toBe(true);
  }
  const loads = (await Promise.all([north.call("endLoad"), south.call("endLoad")])) as readonly Loaded[];

  const started = loads.reduce((sum, load) => sum + load.started, 0);
  const perSecond = loads.reduce((sum, load) => sum + (load.started * 1_000) / load.ms, 0);
  console.info(`${started} starts, ${Math.round(perSecond)} a second, in ${switches} switches`);
  expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
  await vi.waitFor(async () => expect(await app.rows("jobs where status <> 0 limit 1")).toEqual([]), 60_000);

  const counts = await app.rows("jobs");
  const noted = (await app.sql(`select version, jobs from "${app.appId}".switched order by n`)) as unknown as Switch[];
  const last = Object.fromEntries(versions.map((one) => [one, counts.filter(({ version }) => version === one).length]));
  const between = noted.map((one, index) => startsAfter(one, noted[index + 1]?.jobs ?? last));
  expect(noted.map(({ version }) => version)).toEqual(
    Array.from({ length: switches }, (_, index) => versions[(index + 1) % versions.length]),
  );
  expect(between.map(({ other }) => other)).toEqual(Array(switches).fill(0));
  expect(between.filter(({ active }) => active > 0).length).toBeGreaterThan(switches / 2);

  // Every start that was confirmed is one job, which one callback worked on, as the version says that it started on.
  expect(counts.length).toBe(started);
  await vi.waitFor(() => expect(app.begun()).toHaveLength(started), 10_000);
  expect(new Set(app.begun().map(({ id }) => id)).size).toBe(started);
  const odd = await app.rows("jobs where context ->> 'release' is distinct from 'release ' || version");
  expect(odd).toEqual([]);
}, 180_000);

test("S41 S42 two instances that activate one version at once switch it once", async () => {
  const engine = { connection: connection() };
  const other = await HotMesh.init({ appId: app.appId, guid: "other", logLevel: "silent", engine });
  const modes: string[] = [];
  await other.subQuorum((_, message: QuorumMessage) => message.type === "activate" && modes.push(message.cache_mode));
  await app.desk.deploy(documentOf(app.appId, "4"));

  expect(await Promise.all([app.desk.activate("4", 100), other.activate("4", 100)])).toEqual([true, true]);

  expect(modes).toEqual(["nocache", "cache"]);
  await app.order("label.print", 1);
  expect((await app.rows("jobs where id = 'label.print/0'")).map(({ version }) => version)).toEqual(["4"]);
});
