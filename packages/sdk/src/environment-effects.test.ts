import { MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HotMeshConfig, HotMeshWorker } from "./config.js";
import { HotMesh } from "./hotmesh.js";
import type { ILogger } from "./logger.js";

const document = `
app:
  id: dock
  version: '1'
  graphs:
    - subscribes: crane.call
      activities:
        call: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        lift: { type: worker, topic: crane.lift }
      transitions: { call: [ { to: lift } ] }
    - subscribes: bell.ring
      activities:
        ring: { type: trigger, stats: { id: '{$self.input.data.id}' } }
    - subscribes: round.begin
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        turn: { type: hook }
        again: { type: cycle, ancestor: turn }
      transitions: { begin: [ { to: turn } ], turn: [ { to: again } ] }
    - subscribes: pilot.wait
      activities:
        wait: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        board: { type: hook }
      transitions: { wait: [ { to: board } ] }
      hooks:
        pilot.here:
          - to: board
            conditions: { match: [ { expected: '{wait.output.data.id}', actual: '{$self.hook.data.id}' } ] }
`;

let clock: TestClock;
let database: MemoryDatabase;
beforeEach(() => {
  clock = new TestClock();
  database = new MemoryDatabase();
});
afterEach(async () => {
  await HotMesh.stop();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Callback = HotMeshWorker["callback"];
interface DockOptions extends Partial<Pick<HotMeshConfig, "logger" | "logLevel" | "guid">> {
  readonly engine?: Partial<NonNullable<HotMeshConfig["engine"]>>;
  readonly lift?: Callback;
  readonly worker?: Partial<HotMeshWorker>;
}

async function open({ engine = {}, lift, worker = {}, ...config }: DockOptions = {}): Promise<HotMesh> {
  const backend = memoryBackend({ clock, database });
  const workers = lift === undefined ? [] : [{ topic: "crane.lift", backend, callback: lift, ...worker }];
  const mesh = await HotMesh.init({ appId: "dock", clock, engine: { backend, ...engine }, workers, ...config });
  await mesh.deploy(document);
  await backend.store.activate("1");
  return mesh;
}

const nothing: Callback = async () => ({ data: {} });
const never: Callback = () => new Promise<undefined>(() => {});

test("HMSH_GUID_SIZE is the size of generated ids", async () => {
  vi.stubEnv("HMSH_GUID_SIZE", "9");
  const mesh = await open();

  expect(HotMesh.guid()).toMatch(/^H.{9}$/);
  expect(await mesh.pub("bell.ring")).toMatch(/^H.{9}$/);
});

test("HMSH_BATCH_SIZE and HMSH_ENGINE_CONCURRENCY count, unless init says otherwise", async () => {
  vi.stubEnv("HMSH_BATCH_SIZE", "7");
  vi.stubEnv("HMSH_ENGINE_CONCURRENCY", "3");

  const one = await open({ lift: nothing });
  const other = await open({ lift: nothing, worker: { concurrency: 2 }, engine: { concurrency: 4 } });

  expect([one, other].map(({ workers, engine }) => [workers[0]?.concurrency, engine?.concurrency])).toEqual([
    [7, 3],
    [2, 4],
  ]);
});

test("HMSH_OTT_WAIT_TIME is how long pubsub waits, unless its caller says otherwise", async () => {
  vi.stubEnv("HMSH_OTT_WAIT_TIME", "0");
  const mesh = await open();

  await expect(mesh.pubsub("crane.call")).rejects.toMatchObject({ code: 504 });
  await expect(mesh.pubsub("bell.ring", {}, null, 1_000)).resolves.toHaveProperty("metadata");
});

test("HMSH_EXPIRE_JOB_SECONDS is how long a finished job is kept, unless its engine says otherwise", async () => {
  vi.stubEnv("HMSH_EXPIRE_JOB_SECONDS", "60");
  const plain = await open();
  const other = await open({ engine: { retention: 120 } });
  await plain.pub("bell.ring", { id: "a" });
  await other.pub("bell.ring", { id: "b" });

  clock.advance(61_000);

  await expect(plain.getStatus("a")).rejects.toThrow("not found");
  await expect(plain.getStatus("b")).resolves.toBe(0);
});

test("HMSH_PENDING_SIGNAL_EXPIRE is how long a signal waits for its hook", async () => {
  vi.stubEnv("HMSH_PENDING_SIGNAL_EXPIRE", "5");
  const mesh = await open();
  for (const id of ["a", "b"]) await mesh.signal("pilot.here", { id });

  clock.advance(4_000);
  await mesh.pub("pilot.wait", { id: "a" });
  clock.advance(2_000);
  await mesh.pub("pilot.wait", { id: "b" });

  await vi.waitFor(async () => expect(await mesh.getStatus("a")).toBe(0));
  expect(await mesh.getStatus("b")).toBe(1);
});

test("HMSH_MAX_CYCLES is how often a loop may turn", async () => {
  vi.stubEnv("HMSH_MAX_CYCLES", "4");
  const mesh = await open();

  await expect(mesh.pubsub("round.begin")).rejects.toThrow("was entered 4 times");
});

test("HMSH_RESERVATION_TIMEOUT_S is how long a message is leased", async () => {
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_S", "2");
  const mesh = await open({ lift: nothing });

  expect(mesh.workers[0]?.leaseMs).toBe(2_000);
});

test("HMSH_RESERVATION_TIMEOUT_MAX_S is how long a callback may take", async () => {
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_MAX_S", "60");
  const error = vi.fn();
  const mesh = await open({ lift: never, logger: { ...silent(), error } });
  await mesh.pub("crane.call");

  await vi.waitFor(() => {
    clock.advance(5_000);
    expect(error).toHaveBeenCalledWith("worker-lease-expired", expect.anything());
  });
});

test("HMSH_POISON_MESSAGE_THRESHOLD is how often a message is handed out", async () => {
  vi.stubEnv("HMSH_POISON_MESSAGE_THRESHOLD", "1");
  const mesh = await open();
  const waiting = mesh.pubsub("crane.call", {}, null, 600_000);
  const { stream } = memoryBackend({ clock, database });
  await vi.waitFor(async () => {
    const report = await stream.claim({ topic: "crane.lift", limit: 1, leaseMs: 1_000, holder: "Hgone" });
    expect(report.leases).toHaveLength(1);
  });
  clock.advance(1_001);

  await open({ lift: nothing });

  await expect(waiting).rejects.toMatchObject({ code: 999 });
});

function silent(): ILogger {
  const quiet = (): void => {};
  return { debug: quiet, info: quiet, warn: quiet, error: quiet };
}

function output() {
  const lines: string[] = [];
  const keep = (chunk: unknown): boolean => lines.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  for (const way of ["log", "info", "warn", "error", "debug"] as const) vi.spyOn(console, way).mockImplementation(keep);
  return lines;
}

/** Two instances with one guid: there is something to warn of. */
async function warned(options: DockOptions = {}): Promise<void> {
  await open({ guid: "HD", ...options });
  await open({ guid: "HD", ...options });
}

test("without a logger warnings are lines of JSON on the standard output", async () => {
  const lines = output();

  await warned();

  const hint = "messages to a guid reach all who have it";
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: "warn", message: "guid-taken", ts: expect.any(String), app: "dock", id: "HD", guid: "HD", hint },
  ]);
});

test("HMSH_LOGLEVEL is the level, unless init says otherwise", async () => {
  vi.stubEnv("HMSH_LOGLEVEL", "error");
  const lines = output();

  await warned();
  expect(lines).toEqual([]);
  await HotMesh.stop();
  await warned({ logLevel: "warn" });
  expect(lines).toHaveLength(1);
});

test("an unknown level is refused", async () => {
  await expect(open({ logLevel: "loud" as "warn" })).rejects.toThrow("config.logLevel is 'loud'");
});

test("with a logger nothing is written past it, whatever goes wrong", async () => {
  const lines = output();
  const warn = vi.fn();
  const logger = { ...silent(), warn };
  const lift: Callback = () => {
    throw new Error("the rope broke");
  };

  await warned({ logger, logLevel: "debug", lift });
  const mesh = await open({ logger, lift });
  await expect(mesh.pubsub("crane.call")).rejects.toThrow("the rope broke");

  expect(warn).toHaveBeenCalledWith("guid-taken", expect.anything());
  expect(lines).toEqual([]);
  expect(mesh.logger).toBe(logger);
});
