import { DuplicateJobError, HotMeshError } from "@hotmesh/core";
import type { StreamData } from "@hotmesh/worker";
import type { Coins } from "./coins.js";
import { perform } from "./perform.js";
import type { Process } from "./process.js";
import type { Action, Story } from "./stories.js";
import { Violation } from "./violation.js";

export interface ClientHost {
  readonly coins: Coins;
  /** Draws an id nobody else gets. */
  newId(): string;
  /** The worker message of a job whose worker did not answer. */
  heldMessage(job: string): StreamData | undefined;
  report(violation: unknown): void;
  note(line: () => string): void;
}

/** A caller who tells one story, in order, and does not give up: what fails, or is not answered, is done again. */
export class Client {
  readonly story: Story;
  readonly #host: ClientHost;
  #at = 0;
  /** The call under way, and who is to answer it. */
  #call: { readonly process: Process } | null = null;

  constructor(story: Story, host: ClientHost) {
    this.story = story;
    this.#host = host;
  }

  get isDone(): boolean {
    return this.#at >= this.story.actions.length;
  }

  /** Does the next thing through this process, if nothing is under way. */
  act(process: Process): void {
    const action = this.story.actions[this.#at];
    if (this.#call !== null && (!this.#call.process.isAlive || this.#host.coins.toss("impatient-client"))) {
      this.#call = null;
    }
    const { engine } = process;
    if (action === undefined || this.#call !== null || engine === null) return;
    const host = this.#host;
    const performer = {
      engine,
      now: () => process.clock.now(),
      newId: () => host.newId(),
      heldMessage: (job: string) => host.heldMessage(job),
    };
    const done = perform(performer, action);
    if (done === null) return;
    const call = { process };
    this.#call = call;
    this.#host.note(() => `a client asks ${process.plan.name}: ${JSON.stringify(action)}`);
    done.then(
      () => this.#succeeded(call),
      (error: unknown) => this.#failed(call, action, error),
    );
  }

  #succeeded(call: object): void {
    if (this.#call !== call) return;
    this.#call = null;
    if (!this.#host.coins.toss("repeated-call")) this.#at += 1;
  }

  #failed(call: object, action: Action, error: unknown): void {
    if (this.#call !== call) return;
    this.#call = null;
    // Its first call succeeded, though nobody said so.
    if (error instanceof DuplicateJobError) this.#at += 1;
    else if (!HotMeshError.is(error) || !error.retryable) {
      this.#host.report(new Violation("no call is refused", `${JSON.stringify(action)}: ${String(error)}`));
    }
  }
}
