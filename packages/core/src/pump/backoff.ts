/** The wait after failure number `failures` (1 the first): 100 ms doubling to 10 s, half of it drawn by `random`. */
export function backoffMs(failures: number, random: () => number): number {
  const ceiling = Math.min(100 * 2 ** Math.max(0, failures - 1), 10_000);
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
