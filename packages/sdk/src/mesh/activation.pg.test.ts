import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type QuorumMessage } from "../index.js";
import type { Elsewhere } from "../testing/elsewhere.js";
import type { Loaded, LoadOptions } from "../testing/load.js";
import { connection, SeedApp } from "../testing/seed-app.js";
import { startsBetween, switchPatiently, watchSwitches } from "../testing/switches.js";

const versions = ["1", "2", "3"];
const switches = 20;
/** Of each of two processes: more than a thousand starts a second, which leave two cores the time to switch as well. */
const load: LoadOptions = { callers: 120, perSecond: 650 };

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

test(`A2 S41 S43 ${switches} switches under load: none starts on an old version, none is lost or doubled`, async () => {
  await watchSwitches(app);
  for (const one of [north, south]) await one.call("beginLoad", "label.print", load);

  // Every third switch goes back to a version that was active before.
  const order = Array.from({ length: switches }, (_, index) => versions[(index + 1) % versions.length]);
  for (const [index, version] of order.entries()) {
    const activator = index % 2 === 0 ? south : north;
    await switchPatiently((delayMs) => activator.call("activate", version, delayMs));
  }
  const loads = (await Promise.all([north.call("endLoad"), south.call("endLoad")])) as readonly Loaded[];

  const started = loads.reduce((sum, load) => sum + load.started, 0);
  const perSecond = loads.reduce((sum, load) => sum + (load.started * 1_000) / load.ms, 0);
  console.info(`${started} starts, ${Math.round(perSecond)} a second, in ${switches} switches`);
  expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
  await vi.waitFor(async () => expect(await app.rows("jobs where status <> 0 limit 1")).toEqual([]), 60_000);

  const between = await startsBetween(app);
  expect(between.map(({ version }) => version)).toEqual(order);
  expect(between.map(({ other }) => other)).toEqual(Array(switches).fill(0));
  expect(between.filter(({ active }) => active > 0).length).toBeGreaterThan(switches / 2);

  // Every start that was confirmed is one job, which one callback worked on, as the version says that it started on.
  expect(await app.sql(`select count(*)::int as jobs from "${app.appId}".jobs`)).toEqual([{ jobs: started }]);
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
