import type { ClientBase } from "pg";

/** One text statement with its parameters. Statements are never named: a transaction-mode pooler would mix them up. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Where statements go. Every error that leaves it is a HotMeshError. */
export interface Database {
  /** Runs a statement by itself; the rows. */
  query(statement: Statement): Promise<readonly Row[]>;
  /** Runs `work` in a transaction of its own; it is rolled back when `work` throws. */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /** Takes a connection out for listening, for as long as it lives. */
  listenWith(): Promise<ListenConnection>;
}

export type Row = Readonly<Record<string, unknown>>;
export type Run = (statement: Statement) => Promise<readonly Row[]>;

export interface ListenConnection {
  /** Emits the notifications, and says when the connection is lost. */
  readonly client: ClientBase;
  readonly run: Run;
  /** Gives it back, or ends it, as its owner wants. */
  release(): Promise<void>;
}

/** The last statement of each client. A client runs one at a time, and its driver no longer queues them. */
const last = new WeakMap<ClientBase, Promise<unknown>>();

/**
 * A connected client as a place to run statements, one after the other, whoever else was given the same client. Nothing
 * is begun, committed or undone.
 */
export function runOn(client: ClientBase): Run {
  return async ({ text, values }) => {
    const turn = (last.get(client) ?? Promise.resolve()).then(() => client.query(text, [...values]));
    last.set(
      client,
      turn.catch(() => {}),
    );
    return (await turn).rows;
  };
}
