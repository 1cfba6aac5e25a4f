import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What members are told at their birth. */
export interface CrewOptions {
  readonly url: () => string;
  readonly ledgerUrl: () => string;
  readonly appId: string;
  readonly size: number;
  readonly leaseSeconds: number;
  /** What a member runs. */
  readonly program: string;
}

/** The processes of a mesh. Whoever is killed is replaced. */
export class Crew {
  readonly unhandled: string[] = [];
  readonly #options: CrewOptions;
  readonly #members: (ChildProcess | null)[] = [];
  #born = 0;
  #ending = false;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.size }, (_, seat) => this.#seat(seat)));
  }

  /** Kills one member that works; false: all of them are just beginning. */
  kill(random: () => number): boolean {
    const seats = this.#members.flatMap((member, seat) => (member === null ? [] : [seat]));
    const seat = seats[Math.floor(random() * seats.length)];
    if (seat === undefined) return false;
    const member = this.#members[seat];
    this.#members[seat] = null;
    member?.kill("SIGKILL");
    void this.#seat(seat);
    return true;
  }

  async end(): Promise<void> {
    this.#ending = true;
    for (const member of this.#members) member?.kill("SIGKILL");
  }

  async #seat(seat: number): Promise<void> {
    const { url, ledgerUrl, appId, leaseSeconds, program } = this.#options;
    this.#born += 1;
    const child = fork(program, [url(), appId, `member-${this.#born}`, ledgerUrl()], {
      env: {
        ...process.env,
        HMSH_RESERVATION_TIMEOUT_S: String(leaseSeconds),
        HMSH_POISON_MESSAGE_THRESHOLD: "100000",
      },
    });
    const ended = once(child, "exit");
    await new Promise<void>((resolve) => {
      child.on("message", (message: Record<string, unknown>) => {
        if ("ready" in message) resolve();
        if ("unhandled" in message) this.unhandled.push(String(message["unhandled"]));
      });
      void ended.then(() => resolve());
    });
    if (this.#ending) child.kill("SIGKILL");
    else if (child.exitCode === null && child.signalCode === null) this.#members[seat] = child;
    else this.unhandled.push(`a member ended by itself with ${child.exitCode ?? child.signalCode}`);
  }
}
