import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { HotMesh } from "../index.js";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

const topics = ["label.print", "fee.collect"];
const patience = { timeout: 60_000 };

let app: SeedApp;
let van: Elsewhere;
let cart: Elsewhere;
/** Each test switches to a version of its own. */
let version = 1;

beforeAll(async () => {
  app = await SeedApp.open("seedactivate");
  await app.activate(documentOf(app.appId, topics));
  [van, cart] = await Promise.all([app.join("van-17", topics), app.join("cart-2", topics)]);
});

beforeEach(async () => {
  version += 1;
  await app.desk.deploy(documentOf(app.appId, topics, String(version)));
  for (const { heard } of [app, van, cart]) heard.length = 0;
});

afterEach(() => vi.restoreAllMocks());

afterAll(() => app.close());

const versionOf = async (jobId: string) => (await app.desk.getState("", jobId)).metadata["vrs"];

test("S41 activate activates a deployed version across the entire mesh", async () => {
  await van.call("pub", "do.label.print", { id: "before" });

  expect(await cart.call("activate", String(version), 20)).toBe(true);

  const ids = await Promise.all([
    app.desk.pub("do.label.print", { id: "41/desk" }),
    van.call("pub", "do.label.print", { id: "41/van" }),
    cart.call("pub", "do.label.print", { id: "41/cart" }),
  ]);
  expect(await Promise.all(ids.map((id) => versionOf(String(id))))).toEqual(Array(3).fill(String(version)));
  expect(await versionOf("before")).toBe(String(version - 1));
  await expect(app.desk.activate("never", 20)).rejects.toThrow(`Version never does not exist for app ${app.appId}`);
});

test("S42 the quorum counts the mesh, and then coordinates a switch that all make together", patience, async () => {
  const to = String(version);
  const started: string[] = [];
  let over = false;
  const starting = [app.desk, van, cart].map(async (one, index) => {
    for (let number = 0; !over; number += 1) {
      const id = `42/${index}/${number}`;
      await (one instanceof HotMesh ? one.pub("do.fee.collect", { id }) : one.call("pub", "do.fee.collect", { id }));
      started.push(id);
    }
  });

  await app.desk.activate(to, 100);
  const afterwards = started.length;
  await vi.waitFor(() => expect(started.length).toBeGreaterThan(afterwards + 6), 10_000);
  over = true;
  await Promise.all(starting);

  for (const { heard } of [app, van, cart]) {
    const told = heard.filter(({ message: { type } }) => type === "ping" || type === "activate");
    expect(told.map(({ message }) => (message.type === "activate" ? message.cache_mode : message.type))).toEqual([
      ...Array(told.length - 2).fill("ping"),
      "nocache",
      "cache",
    ]);
    expect(told.length).toBeGreaterThanOrEqual(6);
  }
  // In the order of the database: whoever started a job, none on the old version follows one on the new version.
  const jobs = await app.sql(
    `select version from "${app.appId}".jobs where id like '42/%' order by created_at, version::integer`,
  );
  const first = jobs.findIndex((job) => job["version"] === to);
  expect(first).toBeGreaterThan(0);
  expect(jobs.slice(first).every((job) => job["version"] === to)).toBe(true);
});

/** How often this process asks which version is active while it starts jobs. */
async function questionsWhile(work: () => Promise<void>): Promise<number> {
  const asked = vi.spyOn(Client.prototype, "query");
  await work();
  const texts = asked.mock.calls.map(([query]: readonly unknown[]) =>
    typeof query === "string"
      ? query
      : typeof query === "object" && query !== null && "text" in query
        ? String(query.text)
        : "",
  );
  asked.mockRestore();
  return texts.filter((text) => /"epoch" from "[^"]*"\."app"/.test(text)).length;
}

async function startOneByOne(mesh: HotMesh, name: string): Promise<void> {
  for (const number of [1, 2, 3, 4, 5]) await mesh.pub("do.fee.collect", { id: `${name}/${number}` });
}

test(
  "S43 S44 engines ask Postgres at every request while the version is switched, and cache it afterwards",
  patience,
  async () => {
    const cached = await questionsWhile(() => startOneByOne(app.desk, "43/before"));

    const switching = cart.call("activate", String(version), 1_500);
    await vi.waitFor(
      () => expect(messagesOf(app.heard, "activate").map(({ cache_mode: mode }) => mode)).toEqual(["nocache"]),
      20_000,
    );
    const uncached = await questionsWhile(() => startOneByOne(app.desk, "43/during"));
    expect(messagesOf(app.heard, "activate")).toHaveLength(1);
    await switching;
    await vi.waitFor(() => expect(messagesOf(app.heard, "activate").at(-1)?.cache_mode).toBe("cache"));
    await startOneByOne(app.desk, "44/first");
    const again = await questionsWhile(() => startOneByOne(app.desk, "44/after"));

    expect([cached, uncached, again]).toEqual([0, 5, 0]);
    expect(await Promise.all(["43/during/5", "44/first/1", "44/after/5"].map(versionOf))).toEqual([
      String(version - 1),
      String(version),
      String(version),
    ]);
  },
);

test("S45 delay is a pause in milliseconds that gives the quorum time to agree", patience, async () => {
  const at: Record<string, number> = {};
  const ear = async (_: string, message: { readonly type: string; readonly cache_mode?: string }) => {
    at[message.cache_mode ?? message.type] ??= performance.now();
  };
  await app.desk.subQuorum(ear);

  // A member that stands still for a while is waited for, if the delay is long enough.
  await van.kill("SIGSTOP");
  const activated = app.desk.activate(String(version), 1_200);
  await vi.waitFor(() => expect(at["ping"]).toBeDefined());
  await van.kill("SIGCONT");
  await activated;

  await vi.waitFor(() => expect(at["cache"]).toBeDefined());
  expect((at["nocache"] ?? 0) - (at["ping"] ?? 0)).toBeGreaterThanOrEqual(4 * 1_200 - 100);
  expect((at["cache"] ?? 0) - (at["nocache"] ?? 0)).toBeGreaterThanOrEqual(1_100);
  await app.desk.unsubQuorum(ear);
});

test(
  "S46 throttle, activate, lift: a version is switched with no downtime, and no job is lost or done twice",
  patience,
  async () => {
    await app.calm();
    const idsBefore = await app.order("label.print", 5);
    await app.desk.throttle({ throttle: -1 });
    await app.obeys({ ...pausedMembers });
    const idsDuring = await app.order("fee.collect", 5);

    await app.desk.activate(String(version), 50);
    const idsAfter = await app.order("label.print", 5);
    await app.desk.throttle({ throttle: 0 });

    const all = [...idsBefore, ...idsDuring, ...idsAfter];
    await vi.waitFor(
      async () => expect(await Promise.all(all.map((id) => app.desk.getStatus(id)))).toEqual(Array(15).fill(0)),
      15_000,
    );
    expect(
      app
        .begun()
        .map(({ id }) => String(id))
        .filter((id) => all.includes(id))
        .sort(),
    ).toEqual([...all].sort());
    expect(new Set(await Promise.all([...idsBefore, ...idsDuring].map(versionOf)))).toEqual(
      new Set([String(version - 1)]),
    );
    expect(new Set(await Promise.all(idsAfter.map(versionOf)))).toEqual(new Set([String(version)]));
  },
);

const pausedMembers = Object.fromEntries(
  [
    "desk engine",
    ...["van-17", "cart-2"].flatMap((guid) => ["engine", ...topics].map((role) => `${guid} ${role}`)),
  ].map((member) => [member, -1]),
);
