import { HotMeshError } from "@hotmesh/core";
import type { Database, ListenConnection, Row, Statement } from "../connection/database.js";
import { AppChannel } from "./app-channel.js";
import { Listener } from "./listener.js";
import { Notifier } from "./notifier.js";

/** All notifications of one process and one database: one LISTEN connection, one sender, however many apps. */
export class Hub {
  readonly processId: string;
  readonly notifier: Notifier;
  readonly #listener: Listener;
  readonly #routes = new Map<Database, number>();
  readonly #apps = new Map<string, AppChannel>();
  #listensBy: Database | null = null;
  #number = 0;

  constructor(processId: string) {
    this.processId = processId;
    this.notifier = new Notifier((statement) => this.run(statement));
    this.#listener = new Listener(() => this.#connect());
  }

  /** The channel of an app, one for all backends of the process. */
  app(name: string, fetchNotice: (id: string) => Statement): AppChannel {
    const known = this.#apps.get(name);
    if (known !== undefined) return known;
    const channel: AppChannel = new AppChannel({
      processId: this.processId,
      start: () => this.#listener.listen(name, channel),
      stop: () => this.#listener.unlisten(name),
      fetch: async (id) => (await this.run(fetchNotice(id)))[0]?.["body"],
    });
    this.#apps.set(name, channel);
    return channel;
  }

  /** Another one each time. */
  newNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  addRoute(database: Database): void {
    this.#routes.set(database, (this.#routes.get(database) ?? 0) + 1);
  }

  async removeRoute(database: Database): Promise<void> {
    const users = this.#routes.get(database) ?? 0;
    if (users > 1) {
      this.#routes.set(database, users - 1);
      return;
    }
    await this.notifier.flush();
    this.#routes.delete(database);
    if (this.#listensBy === database && this.#routes.size > 0) await this.#listener.move();
  }

  run(statement: Statement): Promise<readonly Row[]> {
    return this.#route().query(statement);
  }

  async close(): Promise<void> {
    await this.#listener.close();
  }

  #connect(): Promise<ListenConnection> {
    this.#listensBy = this.#route();
    return this.#listensBy.listenWith();
  }

  #route(): Database {
    const [route] = this.#routes.keys();
    if (route === undefined) throw new HotMeshError("stopped", "No connection is open any more");
    return route;
  }
}
