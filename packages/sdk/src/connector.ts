import { HotMeshError } from "@hotmesh/core";

/** A connection that the caller opens and closes, and may give to any number of instances. */
export abstract class Connector<Client extends object = object> {
  static readonly #open = new Set<Connector>();

  /** What it was called when it was opened. */
  readonly id: string;

  protected constructor(id: string) {
    this.id = id;
    Connector.#open.add(this);
  }

  /** Closes all that this process has opened with connectors. Stop the instances that use them first. */
  static async disconnectAll(): Promise<void> {
    await Promise.all([...Connector.#open].map((one) => one.disconnect()));
  }

  /** The connected client or pool. */
  abstract getClient(): Client;

  /** Closes it. Doing it again does nothing. */
  async disconnect(): Promise<void> {
    if (Connector.#open.delete(this)) await this.close();
  }

  protected abstract close(): Promise<void>;
}

/** A client or pool of `pg`, as far as a connector needs to know it. */
interface PostgresClient {
  connect(): Promise<unknown>;
  end(): Promise<void>;
  query: unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * A connected client of `pg`, or a pool: `connection: { class: (await ConnectorPostgres.connect("desk", Client,
 * options)).getClient(), options: {} }` takes it. `HotMesh.stop` leaves it open.
 */
export class ConnectorPostgres<Client extends PostgresClient = PostgresClient> extends Connector<Client> {
  readonly #client: Client;

  /** Opens a connection with a Client or Pool class of `pg`. Rejects with `connection-failed`. */
  static async connect<Client extends PostgresClient, Options>(
    id: string,
    clientClass: new (options: Options) => Client,
    options: Options,
  ): Promise<ConnectorPostgres<Client>> {
    const client = new clientClass(options);
    // Whoever uses the client is told by the call that fails; without a listener the process would end.
    client.on("error", () => {});
    try {
      // A pool connects when it is used, and what it hands out would have to be given back.
      if (!("totalCount" in client)) await client.connect();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HotMeshError("connection-failed", `postgres-provider-connection-failed: ${reason}`, { cause });
    }
    return new ConnectorPostgres(id, client);
  }

  private constructor(id: string, client: Client) {
    super(id);
    this.#client = client;
  }

  getClient(): Client {
    return this.#client;
  }

  protected async close(): Promise<void> {
    await this.#client.end();
  }
}
