import type { Json } from "../../json.js";
import type { Backend } from "../../ports/backend.js";

/** What was heard on a channel. */
export interface Ear {
  readonly bodies: readonly Json[];
  /** Resolves as soon as `count` publications have been heard. */
  heard(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function listen<Tx>(backend: Backend<Tx>, channel: string): Promise<Ear> {
  const bodies: Json[] = [];
  const waiting = new Set<() => void>();
  const subscription = await backend.sub.subscribe(channel, (body) => {
    bodies.push(body);
    for (const look of [...waiting]) look();
  });
  return {
    bodies,
    heard: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (bodies.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => subscription.close(),
  };
}

/** Resolves when whatever `from` published before has had the time to reach `to`: a later publication has arrived. */
export async function caughtUp<Tx>(from: Backend<Tx>, to: Backend<Tx>): Promise<void> {
  const ear = await listen(to, "a later publication");
  await from.sub.publish([{ channel: "a later publication", body: null }]);
  await ear.heard(1);
  await ear.close();
}
