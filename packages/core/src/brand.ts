/**
 * Texts and numbers that must not be confused with each other. The casts of this file are the only ones in core
 * outside of row codecs: everything else receives a branded value from here.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Id of a job, unique among the live jobs of an app. Arbitrary non-empty text. */
export type JobId = Brand<string, "JobId">;
/** One incarnation of a job id: a message of a removed job never touches a new job of the same id. */
export type GenerationId = Brand<string, "GenerationId">;
/** Content address of a plan: SHA-256 of its canonical form, base64url, 43 characters. */
export type PlanId = Brand<string, "PlanId">;
/** Key of a message. Two messages with one key are one message. Derived, never drawn. */
export type MessageKey = Brand<string, "MessageKey">;
/** Proof of a lease. Whoever holds it may answer the message. */
export type LeaseToken = Brand<string, "LeaseToken">;
/** Dimensional address of a pass: `,0`, `,0,2,0` …. */
export type Address = Brand<string, "Address">;
/** A pass as one text: the activity id followed by its address, `cut,0,2,0`. */
export type PathText = Brand<string, "PathText">;
/** Epoch milliseconds, whole. The database's clock, or a test's. */
export type Instant = Brand<number, "Instant">;

/** Id of an app. */
export type AppId = string;
/** Id of an activity, unique in its plan. */
export type ActivityId = string;
/** What graphs subscribe to and publish, workers serve, and signals are about. */
export type Topic = string;

/** A text as the id of a job. */
export const jobId = (text: string): JobId => text as JobId;
/** A text as the identity of one incarnation of a job. */
export const generationId = (text: string): GenerationId => text as GenerationId;
/** A text as the address of a plan. */
export const planId = (text: string): PlanId => text as PlanId;
/** A text as the key of a message. */
export const messageKey = (text: string): MessageKey => text as MessageKey;
/** A text as the proof of a lease. */
export const leaseToken = (text: string): LeaseToken => text as LeaseToken;
/** A text as the address of a pass. */
export const address = (text: string): Address => text as Address;
/** A text as the path of a pass. */
export const pathText = (text: string): PathText => text as PathText;
/** Epoch milliseconds as an instant. */
export const instant = (epochMs: number): Instant => epochMs as Instant;
/** The last one that a date can say. */
const lastInstant = 8.64e15;
/** The instant `ms` after `from`: a whole millisecond, never an earlier one, and one that a date can say. */
export const after = (from: Instant, ms: number): Instant => Math.min(Math.ceil(from + ms), lastInstant) as Instant;
