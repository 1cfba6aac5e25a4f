import { TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { type MachineReadings, networksOf, readMachine, SystemHealthReader } from "./system-health.js";

const gigabyte = 2 ** 30;

/** A machine with one core and one network, whose counters the test moves. */
function machine() {
  const clock = new TestClock();
  const counters = { busyMs: 10_000, allMs: 100_000, rx_bytes: 5_000, tx_bytes: 7_000 };
  let readings = 0;
  const read = (): MachineReadings => {
    readings += 1;
    const { busyMs, allMs, rx_bytes, tx_bytes } = counters;
    const quiet = { rx_dropped: 0, rx_errors: 0, tx_dropped: 0, tx_errors: 0 };
    return {
      cpus: [{ busyMs, allMs }],
      networks: [{ iface: "eth0", operstate: "up", rx_bytes, tx_bytes, ...quiet }],
      totalBytes: 32 * gigabyte,
      freeBytes: 23.536 * gigabyte,
    };
  };
  const reader = new SystemHealthReader({ clock, read });
  return {
    clock,
    counters,
    reader,
    readings: () => readings,
    /** Passes 100 ms while the question is asked. */
    ask: async () => {
      const asked = reader.read();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      clock.advance(100);
      return asked;
    },
    work: (busyMs: number, idleMs: number, bytes: number): void => {
      counters.busyMs += busyMs;
      counters.allMs += busyMs + idleMs;
      counters.rx_bytes += bytes;
      counters.tx_bytes += 2 * bytes;
    },
  };
}

test("S91 CPU, memory and network are told as shares and rates since the previous question", async () => {
  const { ask, work, clock, reader } = machine();
  await ask();
  clock.advance(2_000);
  work(250, 1_750, 4_000);

  const health = await reader.read();

  expect(health).toEqual({
    TotalMemoryGB: "32.00 GB",
    FreeMemoryGB: "23.54 GB",
    UsedMemoryGB: "8.46 GB",
    CPULoad: [{ "CPU 0": "12.5%" }],
    NetworkStats: [
      {
        iface: "eth0",
        operstate: "up",
        rx_bytes: 9_000,
        rx_dropped: 0,
        rx_errors: 0,
        tx_bytes: 15_000,
        tx_dropped: 0,
        tx_errors: 0,
        rx_sec: 2_000,
        tx_sec: 4_000,
        ms: 2_000,
      },
    ],
  });
});

test("the first question, and one that comes after more than 5 s, measures for 100 ms", async () => {
  const { ask, work, clock, reader } = machine();
  const first = await ask();
  clock.advance(5_001);
  work(5_000, 1, 0);
  const later = reader.read();
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  work(10, 90, 0);
  clock.advance(100);

  expect(first.NetworkStats[0]?.ms).toBe(100);
  expect((await later).CPULoad).toEqual([{ "CPU 0": "10.0%" }]);
});

test("questions that come within 100 ms share one answer", async () => {
  const { ask, reader, readings, clock } = machine();
  const both = await Promise.all([ask(), reader.read()]);
  clock.advance(99);

  expect([both[0] === both[1], (await reader.read()) === both[0], readings()]).toEqual([true, true, 2]);
});

test("when the clock of a core has not ticked, its share is the one since the machine was started", async () => {
  const { ask } = machine();

  expect((await ask()).CPULoad).toEqual([{ "CPU 0": "10.0%" }]);
});

test("nothing is measured while nobody asks", () => {
  const { readings, clock } = machine();
  clock.advance(60_000);

  expect([readings(), clock.sleeping]).toEqual([0, 0]);
});

test("interfaces are read from the table of the kernel", () => {
  const table = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier",
    "    lo: 1000       2    3    4    0     0    0    0     5000    6    7    8    0     0    0    0",
    "wlan0:9 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0",
  ].join("\n");

  expect(networksOf(table)).toEqual([
    {
      iface: "lo",
      operstate: "unknown",
      rx_bytes: 1_000,
      rx_errors: 3,
      rx_dropped: 4,
      tx_bytes: 5_000,
      tx_errors: 7,
      tx_dropped: 8,
    },
    expect.objectContaining({ iface: "wlan0", rx_bytes: 9, tx_bytes: 10 }),
  ]);
  expect(networksOf("")).toEqual([]);
});

test("S91 this machine has cores and memory", () => {
  const { cpus, totalBytes, freeBytes } = readMachine();

  expect(cpus.every(({ busyMs, allMs }) => busyMs > 0 && allMs >= busyMs)).toBe(true);
  expect([cpus.length > 0, totalBytes > freeBytes, freeBytes > 0]).toEqual([true, true, true]);
});
