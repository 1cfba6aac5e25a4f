import {
  after,
  Canceller,
  type Clock,
  guid as drawGuid,
  HotMeshError,
  type Json,
  type Logger,
  quorumChannel,
  type Sub,
  type Subscription,
  silentLogger,
} from "@hotmesh/core";
import { isQuorumMessage, messageDefects, type QuorumMessage } from "./message.js";
import { type MemberState, observe, type Reply } from "./observe.js";
import type { QuorumProfile } from "./profile.js";
import { Roll } from "./roll.js";

/** What a member must be able to do for the quorum. */
export interface Member {
  /** What it is. */
  readonly role: "engine" | "worker";
  /** Of a worker: what it serves. */
  readonly topic: string | null;
  /** `signature`: with the source of its callback, if it has one. */
  profile(options: { readonly signature: boolean }): Promise<QuorumProfile>;
  /** Engines ask the storage for the active version until then; null: they cache it. */
  nocache?(until: MemberState["nocacheUntil"]): void;
  /** Look for due work at once. */
  wake(): void;
  /** Read what is to be obeyed. */
  reread?(): void;
}

/** What a point of presence is made of. */
export interface QuorumOptions {
  /** Of the app. */
  readonly namespace: string;
  /** The app. */
  readonly appId: string;
  /** Identity of the instance. */
  readonly guid: string;
  /** How messages travel. */
  readonly sub: Pick<Sub, "publish" | "subscribe">;
  /** Says when the time for answers is over. */
  readonly clock: Clock;
  /** Draws identities of questions; the host's `crypto` unless given. */
  readonly newId?: () => string;
  /** Spreads answers of many members; `Math.random`. */
  readonly random?: () => number;
  /** Silent unless given. */
  readonly logger?: Logger;
}

/** Hears messages of the mesh: gets the name of the channel and the message. What it throws is logged. */
export type QuorumCallback = (topic: string, message: QuorumMessage) => unknown;

interface PongReply {
  readonly originator: string | null;
  readonly details: boolean;
  readonly signature: boolean;
}

/** A point of presence in the control plane: it answers for its members, and speaks and hears for its user. */
export class Quorum {
  /** What callbacks get as the name of the channel. */
  readonly channel: string;
  readonly #options: QuorumOptions;
  readonly #logger: Logger;
  readonly #callbacks = new Set<QuorumCallback>();
  readonly #rolls = new Set<Roll>();
  readonly #members = new Map<Member, MemberState>();
  readonly #rollCalls = new Map<Member, Canceller>();
  #subscription: Promise<Subscription> | null = null;

  constructor(options: QuorumOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.channel = `${options.namespace}:${options.appId}:q:`;
  }

  /** Resolves once every later message is heard. */
  async join(): Promise<void> {
    this.#subscription ??= this.#options.sub.subscribe(quorumChannel, (body) => this.#hear(body));
    await this.#subscription;
  }

  /** From now on it answers for this member. */
  add(member: Member): void {
    const { guid } = this.#options;
    this.#members.set(member, { guid, role: member.role, topic: member.topic, nocacheUntil: null });
  }

  /** Answers for nobody any more, and hears nothing. */
  async leave(): Promise<void> {
    this.#members.clear();
    for (const rollCall of this.#rollCalls.values()) rollCall.cancel();
    this.#rollCalls.clear();
    this.#callbacks.clear();
    // One that could not be made has told whoever joined.
    const subscription = await this.#subscription?.catch(() => null);
    this.#subscription = null;
    await subscription?.close();
  }

  /** Sends a message to every member of the mesh, this one included. Throws `invalid-argument` for a malformed one. */
  async publish(message: QuorumMessage): Promise<void> {
    const defects = messageDefects(message);
    if (!isQuorumMessage(message)) {
      throw new HotMeshError("invalid-argument", `not a quorum message: ${defects.join("; ")}`);
    }
    await this.#options.sub.publish([{ channel: quorumChannel, body: message }]);
  }

  /** Hears every message of the channel, its own sender's included. */
  subscribe(callback: QuorumCallback): void {
    this.#callbacks.add(callback);
  }

  /** Removes a callback. An unknown one is no error. */
  unsubscribe(callback: QuorumCallback): void {
    this.#callbacks.delete(callback);
  }

  /** Has anybody subscribed? */
  get hasListeners(): boolean {
    return this.#callbacks.size > 0;
  }

  /** Calls the callbacks of this instance alone: for news that every instance learns by itself. */
  tell(message: QuorumMessage): void {
    for (const callback of [...this.#callbacks]) void this.#call(callback, message);
  }

  /** The profiles of all members that answer within `delayMs`. */
  async rollCall(delayMs: number): Promise<readonly QuorumProfile[]> {
    const pongs = await this.#roll(delayMs, true);
    return pongs.flatMap((pong) => (pong.profile === undefined ? [] : [pong.profile]));
  }

  /** How many members answer within `delayMs`. */
  async headCount(delayMs: number): Promise<number> {
    return (await this.#roll(delayMs, false)).length;
  }

  async #roll(delayMs: number, details: boolean): Promise<Roll["pongs"]> {
    const { clock, newId = () => drawGuid(globalThis.crypto) } = this.#options;
    const roll = new Roll(newId());
    this.#rolls.add(roll);
    try {
      await this.publish({ type: "ping", originator: roll.originator, ...(details && { details }) });
      await roll.wait(clock, delayMs);
      return roll.pongs;
    } finally {
      this.#rolls.delete(roll);
    }
  }

  #hear(body: Json): void {
    if (!isQuorumMessage(body)) {
      this.#logger.warn("quorum-message-malformed", { defects: messageDefects(body) });
      return;
    }
    if (body.type === "pong") for (const roll of this.#rolls) roll.hear(body);
    for (const [member, before] of this.#members) {
      const { state, replies } = observe(before, body, this.#options.clock.now());
      this.#members.set(member, state);
      for (const reply of replies) void this.#react(member, state, reply);
    }
    this.tell(body);
  }

  /** Never rejects: nobody waits for it. */
  async #react(member: Member, state: MemberState, reply: Reply): Promise<void> {
    try {
      switch (reply.kind) {
        case "pong":
          return await this.#pong(member, { ...reply, signature: false });
        case "roll":
          return await this.#show(member, reply);
        case "rules":
          return member.reread?.();
        case "cache-mode":
          return member.nocache?.(state.nocacheUntil);
        case "look":
          return member.wake();
      }
    } catch (error) {
      this.#logger.error("quorum-reaction-failed", { kind: reply.kind, error });
    }
  }

  /** A periodic roll call; a new one replaces it, and leaving ends it. */
  async #show(member: Member, call: Extract<Reply, { readonly kind: "roll" }>): Promise<void> {
    const { clock, random = Math.random } = this.#options;
    const { intervalMs, max, signature } = call;
    const cancel = new Canceller();
    this.#rollCalls.get(member)?.cancel();
    this.#rollCalls.set(member, cancel);
    // Members that heard one message do not all answer in one instant.
    let waitMs = Math.round(random() * 1_000);
    for (let shown = 0; shown < (intervalMs > 0 ? max : 1); shown += 1) {
      await clock.sleep(after(clock.now(), waitMs), cancel);
      if (cancel.cancelled) return;
      await this.#pong(member, { originator: null, details: true, signature }).catch((error: unknown) => {
        this.#logger.error("quorum-reaction-failed", { kind: call.kind, error });
      });
      waitMs = intervalMs / 2 + Math.ceil((random() * intervalMs) / 2_000) * 1_000;
    }
    if (this.#rollCalls.get(member) === cancel) this.#rollCalls.delete(member);
  }

  async #pong(member: Member, reply: PongReply): Promise<void> {
    const { signature } = reply;
    const profile = reply.details ? await member.profile({ signature }) : undefined;
    if (!this.#members.has(member)) return;
    const { guid } = this.#options;
    await this.publish({
      type: "pong",
      guid,
      originator: reply.originator,
      ...(member.topic !== null && { topic: member.topic }),
      ...(profile !== undefined && { profile }),
    });
  }

  async #call(callback: QuorumCallback, message: QuorumMessage): Promise<void> {
    try {
      await callback(this.channel, message);
    } catch (error) {
      this.#logger.error("quorum-callback-failed", { type: message.type, error });
    }
  }
}
