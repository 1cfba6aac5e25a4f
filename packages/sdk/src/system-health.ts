import { readFileSync } from "node:fs";
import { cpus, freemem, totalmem } from "node:os";
import { after, type Clock, type Instant } from "@hotmesh/core";
import type { NetworkStat, SystemHealth } from "@hotmesh/quorum";

/** Milliseconds that a core has spent since the machine was started. */
export interface CpuTimes {
  readonly busyMs: number;
  readonly allMs: number;
}

export type NetworkCounters = Omit<NetworkStat, "rx_sec" | "tx_sec" | "ms">;

/** What the operating system tells. */
export interface MachineReadings {
  readonly cpus: readonly CpuTimes[];
  readonly networks: readonly NetworkCounters[];
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export interface SystemHealthOptions {
  /** Its sleeps must not keep the process alive. */
  readonly clock: Clock;
  readonly read?: () => MachineReadings;
}

interface Sample extends MachineReadings {
  readonly at: Instant;
}

/** A shorter window says more about chance than about load. */
const windowMsMin = 100;
const windowMsMax = 5_000;

/**
 * The load of this machine, as busy shares and rates since the previous question. Nothing is measured while nobody
 * asks: the first question takes a tenth of a second, and those that come within it share its answer.
 */
export class SystemHealthReader {
  readonly #options: SystemHealthOptions;
  #previous: Sample | null = null;
  #latest: { readonly at: Instant; readonly health: SystemHealth } | null = null;
  #reading: Promise<SystemHealth> | null = null;

  constructor(options: SystemHealthOptions) {
    this.#options = options;
  }

  read(): Promise<SystemHealth> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<SystemHealth> {
    const { clock } = this.#options;
    if (this.#latest !== null && clock.now() - this.#latest.at < windowMsMin) return this.#latest.health;
    const from = await this.#begin();
    const to = this.#sample();
    this.#previous = to;
    this.#latest = { at: to.at, health: healthBetween(from, to) };
    return this.#latest.health;
  }

  /** The sample that the window begins with: the previous one, unless it is too old. */
  async #begin(): Promise<Sample> {
    const { clock } = this.#options;
    const previous = this.#previous;
    if (previous !== null && clock.now() - previous.at <= windowMsMax) return previous;
    const first = this.#sample();
    await clock.sleep(after(clock.now(), windowMsMin));
    return first;
  }

  #sample(): Sample {
    const { clock, read = readMachine } = this.#options;
    return { ...read(), at: clock.now() };
  }
}

export function healthBetween(from: Sample, to: Sample): SystemHealth {
  const ms = to.at - from.at;
  return {
    TotalMemoryGB: gigabytes(to.totalBytes),
    FreeMemoryGB: gigabytes(to.freeBytes),
    UsedMemoryGB: gigabytes(to.totalBytes - to.freeBytes),
    CPULoad: to.cpus.map((times, index) => ({ [`CPU ${index}`]: busyShare(from.cpus[index], times) })),
    NetworkStats: to.networks.map((counters) => {
      const before = from.networks.find(({ iface }) => iface === counters.iface) ?? counters;
      const rate = (now: number, then: number): number =>
        ms > 0 ? Math.max(0, Math.round(((now - then) * 1_000) / ms)) : 0;
      const rx_sec = rate(counters.rx_bytes, before.rx_bytes);
      const tx_sec = rate(counters.tx_bytes, before.tx_bytes);
      return { ...counters, rx_sec, tx_sec, ms };
    }),
  };
}

/** Since the machine was started, when its clock has not ticked in the window. */
function busyShare(from: CpuTimes | undefined, to: CpuTimes): string {
  const allMs = to.allMs - (from?.allMs ?? 0);
  const [busy, all] = allMs > 0 ? [to.busyMs - (from?.busyMs ?? 0), allMs] : [to.busyMs, to.allMs];
  const share = all > 0 ? Math.min(1, Math.max(0, busy / all)) : 0;
  return `${(share * 100).toFixed(1)}%`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GB`;
}

/** What Node and, for the network, Linux tell. */
export function readMachine(): MachineReadings {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => {
    const busyMs = user + nice + sys + irq;
    return { busyMs, allMs: busyMs + idle };
  });
  return { cpus: times, networks: readNetworks(), totalBytes: totalmem(), freeBytes: freemem() };
}

/**
 * Nothing where the system has no such file. Read at once: these files are memory of the kernel, so that it takes less
 * time than to ask for it in the background.
 */
function readNetworks(): readonly NetworkCounters[] {
  return networksOf(textOf("/proc/net/dev") ?? "").map((network) => ({
    ...network,
    operstate: textOf(`/sys/class/net/${network.iface}/operstate`)?.trim() ?? "unknown",
  }));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** The rows of `/proc/net/dev`: a name, eight counters of what came in, and eight of what went out. */
export function networksOf(table: string): readonly NetworkCounters[] {
  return table.split("\n").flatMap((line) => {
    const [, iface, values] = /^\s*(\S+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    if (iface === undefined || values === undefined) return [];
    const number = values.trim().split(/\s+/).map(Number);
    const [rx_bytes = 0, , rx_errors = 0, rx_dropped = 0] = number;
    const [tx_bytes = 0, , tx_errors = 0, tx_dropped = 0] = number.slice(8);
    return [{ iface, operstate: "unknown", rx_bytes, rx_dropped, rx_errors, tx_bytes, tx_dropped, tx_errors }];
  });
}
