import type { Instant, Topic } from "../brand.js";

/**
 * Who belongs to the mesh, and what they were told to obey. Notifications only say that something changed here: a
 * member that missed them, or that joins later, reads it.
 */
export interface Registry {
  /**
   * Says that these members are there, and reads what they obey: every stored rule, oldest command first. Cheap enough
   * to be called every few seconds; a member that has not been heard of for {@link memberGoneMs} is gone.
   */
  checkIn(members: readonly MemberRecord[]): Promise<readonly ThrottleRule[]>;
  /** They leave. */
  checkOut(members: readonly MemberRecord[]): Promise<void>;
  /** Who is there, by guid, role and topic. */
  members(): Promise<readonly PresentMember[]>;
  /** Stores a command; it replaces those whose every target it addresses too. */
  throttle(rule: ThrottleRule): Promise<void>;
  /**
   * Something that one member at a time may do. Null: it is this holder's turn, for `forMs` unless it ends before, also
   * when it had it already. Else the milliseconds after which the present turn ends at the latest.
   */
  takeTurn(turn: Turn, forMs: number): Promise<number | null>;
  /** Ends a turn before its time. Without effect when it is not this holder's. */
  endTurn(turn: Turn): Promise<void>;
  /** Removes members that have been gone for {@link memberForgottenMs}, and as old commands to guids nobody has. */
  forget(): Promise<void>;
}

/** Members that were heard of less than this long ago need not be written again. */
export const memberFreshMs = 20_000;

/** Members disappear this long after they were last heard of. */
export const memberGoneMs = 60_000;

/** Nobody expects an instance back after this long: what was commanded to it is removed. */
export const memberForgottenMs = 86_400_000;

/** One engine, or one worker entry, of an instance. */
export interface MemberRecord {
  readonly guid: string;
  readonly role: "engine" | "worker";
  /** Workers only. */
  readonly topic: Topic | null;
  /** The active version as the member knows it. */
  readonly version: string | null;
}

/** A member as the registry knows it. */
export interface PresentMember extends MemberRecord {
  readonly connectedAt: Instant;
  readonly seenAt: Instant;
}

/** A throttle command: the last one that addresses a member decides. */
export interface ThrottleRule {
  /** Milliseconds between two claims; 0: none, -1: no claims at all. */
  readonly throttle: number;
  /** Null: whatever the topic. A topic addresses workers only. */
  readonly topic: Topic | null;
  /** Null: whatever the instance. */
  readonly guid: string | null;
  readonly scope: "engines" | "workers" | "all";
}

/** Something that one member at a time may do, and who wants to. */
export interface Turn {
  readonly name: string;
  readonly holder: string;
}
