import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy in front of a server, whose connections can be cut as a network would: without a word. */
export interface CuttingProxy {
  readonly port: number;
  /** Cuts one connection, drawn by `random`; false: there is none. */
  cut(random: () => number): boolean;
  close(): Promise<void>;
}

/** Listens on a free port of this machine and hands everything on to another one. */
export async function openProxy(target: () => number): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((inner) => {
    const outer = connect(target(), "127.0.0.1");
    const pair = [inner, outer] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      inner.destroy();
      outer.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    inner.pipe(outer);
    outer.pipe(inner);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: (random) => {
      const pair = [...pairs][Math.floor(random() * pairs.size)];
      pair?.[0].resetAndDestroy();
      pair?.[1].resetAndDestroy();
      return pair !== undefined;
    },
    close: async () => {
      for (const [inner] of pairs) inner.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
