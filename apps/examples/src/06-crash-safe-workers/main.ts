// Two ways to charge a card. Both work as long as nothing dies, so no ordinary test tells them apart. The simulator has
// everything die once that can, at each step and each call, and tells the story of the card that was charged twice.
import { assertCrashSafe, CrashUnsafeError, simulate } from "@hotmesh/core/testing";
import type { WorkerCallback } from "@hotmesh/worker";
import { shop, type World } from "./shop.js";

/** Charges whenever it is called. */
const careless =
  (world: World): WorkerCallback =>
  async ({ data, metadata }) => {
    world.charges.push({ key: metadata.guid, cents: Number(data["cents"]) });
    return { data: { receipt: `receipt of ${String(data["order"])}` } };
  };

/** Charges once for a pass of a job, however often it is called for it. */
const careful =
  (world: World): WorkerCallback =>
  async ({ data, metadata: { jid, dad, aid } }) => {
    const key = `${jid} ${dad} ${aid}`;
    if (!world.charges.some((charge) => charge.key === key)) world.charges.push({ key, cents: Number(data["cents"]) });
    return { data: { receipt: `receipt of ${String(data["order"])}` } };
  };

const { jobs, passedMs } = await simulate(shop(careless)());
console.log(
  `careless, nothing dies: ${jobs.map(({ state }) => state).join(" and ")} after ${passedMs / 86_400_000} days`,
);

try {
  await assertCrashSafe(shop(careless));
} catch (error) {
  if (!(error instanceof CrashUnsafeError)) throw error;
  console.log(error.message);
}

const { crashes } = await assertCrashSafe(shop(careful));
console.log(`careful: the same after each of ${crashes} crashes`);
