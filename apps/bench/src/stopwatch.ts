/** What passed since a stopwatch was started. */
export interface Times {
  /** Of all threads of this process: other processes on the machine hardly change it. */
  readonly processorMs: number;
  readonly wallMs: number;
}

/** Starts to measure; the returned function says what has passed. */
export function startStopwatch(): () => Times {
  const processorBefore = process.cpuUsage();
  const wallBefore = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(processorBefore);
    return { processorMs: (user + system) / 1_000, wallMs: performance.now() - wallBefore };
  };
}

export function sorted(values: readonly number[]): readonly number[] {
  return [...values].sort((one, other) => one - other);
}

/** The median of sorted values; of an even number the upper one. */
export function middle(values: readonly number[]): number {
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
