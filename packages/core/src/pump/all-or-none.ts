import type { Subscription } from "../ports/sub.js";

/** Subscriptions that are of use together: when one of them fails, the others are closed again. */
export async function allOrNone(
  subscribing: readonly (Subscription | Promise<Subscription>)[],
): Promise<readonly Subscription[]> {
  const settled = await Promise.allSettled(subscribing);
  const made = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = settled.find((one) => one.status === "rejected");
  if (failed === undefined) return made;
  for (const subscription of made) await subscription.close();
  throw failed.reason;
}
