import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  /** How many orders of the file to run. */
  readonly orders: number;
  /** A server of your own; null: start one. */
  readonly url: string | null;
  /** Where the started server keeps its data. */
  readonly folder: string;
  /** Leave the data when everything is done. */
  readonly keep: boolean;
  /** Forget an unfinished run. */
  readonly fresh: boolean;
  /** Wait at the end, so that somebody can look at the rows. */
  readonly hold: boolean;
  /** How long the warehouse, the bank and the carrier take to answer. */
  readonly latencyMs: number;
}

const checkout = resolve(import.meta.dirname, "..", "..", "..", "..");

const help = `Order fulfilment on HotMesh.

  npm start -- [options]

  --orders N     run only the first N orders
  --latency MS   how long the warehouse, the bank and the carrier take to answer (5)
  --keep         leave the data when everything is done
  --hold         wait at the end, so that you can look at the rows; Ctrl-C ends it
  --fresh        forget an unfinished run and begin anew
  --folder PATH  where the server that is started here keeps its data (.hotmesh/order-fulfilment)
  --url URL      use this PostgreSQL instead of starting one; HOTMESH_TEST_POSTGRES_URL does the same. Touches only
                 the schemas "order-fulfilment" and "order_fulfilment_world", and drops them in the end without --keep
`;

/** Null: help was asked for and has been printed. Throws for an option that does not exist. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { orders: text, latency: text, keep: flag, hold: flag, fresh: flag, folder: text, url: text, help: flag },
  });
  if (values.help) {
    process.stdout.write(help);
    return null;
  }
  return {
    orders: wholeNumber("--orders", values.orders, Number.MAX_SAFE_INTEGER),
    url: values.url ?? (environment["HOTMESH_TEST_POSTGRES_URL"] || null),
    folder: resolve(values.folder ?? defaultFolder()),
    keep: values.keep,
    hold: values.hold,
    fresh: values.fresh,
    latencyMs: wholeNumber("--latency", values.latency, 5),
  };
}

/**
 * Within the checkout, and the same every time. PostgreSQL refuses to run as root: what root starts runs as nobody, who
 * cannot get into a checkout in root's home. Then the folder lies beside the temporary files.
 */
function defaultFolder(): string {
  if (process.getuid?.() !== 0 || isOpenToAll(checkout)) return join(checkout, ".hotmesh", "order-fulfilment");
  const name = createHash("sha256").update(checkout).digest("hex").slice(0, 16);
  return join(tmpdir(), `hotmesh-order-fulfilment-${name}`);
}

function isOpenToAll(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} takes a whole number, not '${text}'`);
  return value;
}
