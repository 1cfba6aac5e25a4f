import type { CrashSafetyRun } from "@hotmesh/core/testing";
import type { WorkerCallback } from "@hotmesh/worker";

/** An order is paid, rests for two days in which it can be cancelled, and is sent. */
const graph = `
app:
  id: shop
  version: '1'
  graphs:
    - subscribes: order.placed
      activities:
        placed: { type: trigger, stats: { id: '{$self.input.data.order}' } }
        charge:
          type: worker
          topic: card.charge
          input: { maps: { order: '{placed.output.data.order}', cents: '{placed.output.data.cents}' } }
          job: { maps: { receipt: '{$self.output.data.receipt}' } }
        rest: { type: hook, sleep: 172800 }
        send:
          type: worker
          topic: parcel.send
          input: { maps: { order: '{placed.output.data.order}' } }
          job: { maps: { parcel: '{$self.output.data.parcel}' } }
      transitions:
        placed: [{ to: charge }]
        charge: [{ to: rest }]
        rest: [{ to: send }]
`;

/** What the shop has done to the world. */
export interface World {
  readonly charges: { readonly key: string; readonly cents: number }[];
  readonly parcels: Set<string>;
}

/** Two orders, and how cards are charged. */
export function shop(chargeCard: (world: World) => WorkerCallback): () => CrashSafetyRun {
  return () => {
    const world: World = { charges: [], parcels: new Set() };
    const send: WorkerCallback = async ({ data }) => {
      const parcel = `parcel of ${String(data["order"])}`;
      world.parcels.add(parcel);
      return { data: { parcel } };
    };
    return {
      document: graph,
      workers: { "card.charge": chargeCard(world), "parcel.send": send },
      start: [
        { topic: "order.placed", data: { order: "anvil", cents: 9_900 } },
        { topic: "order.placed", data: { order: "bell", cents: 1_200 } },
      ],
      effects: () => ({ paid: sum(world.charges), parcels: world.parcels }),
    };
  };
}

function sum(charges: World["charges"]): number {
  return charges.reduce((total, { cents }) => total + cents, 0);
}
