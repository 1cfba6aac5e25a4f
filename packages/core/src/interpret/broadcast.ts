import { after, type MessageKey, type PlanId, planId } from "../brand.js";
import type { Effect } from "../job/effect.js";
import { keyAfter } from "../job/keys.js";
import type { Plan } from "../plan/plan.js";
import type { InboundMessage, OutgoingMessage } from "../ports/message.js";
import type { CounterRange, CounterRecord, CounterSpan } from "../ports/records.js";
import { counterField, indexPrefix } from "../statistics/counter-field.js";
import { type BroadcastBody, broadcastKind, broadcastOf } from "./event-codec.js";
import type { Limits, Moment } from "./moment.js";
import { dispatchOf } from "./signal-dispatch.js";

/** The message that begins a broadcast. */
export function broadcastMessage(
  key: MessageKey,
  broadcast: Omit<BroadcastBody, "id" | "after" | "page">,
): OutgoingMessage {
  return messageOf(key, { ...broadcast, id: key, after: null, page: 0 });
}

/** A caller's broadcast becomes work for whichever engine comes first. */
export function storedBroadcast(message: InboundMessage, body: BroadcastBody): Effect {
  return { kind: "send", message: messageOf(message.key, body) };
}

/**
 * What the stored broadcasts of a batch want to read, by their keys. However many they are, together they send about
 * as many signals as one alone.
 */
export function broadcastRanges(
  messages: readonly InboundMessage[],
  { broadcastPage }: Limits,
): ReadonlyMap<string, CounterRange> {
  const stored = messages.filter((message) => message.source === "stored" && message.kind === broadcastKind);
  const limit = Math.max(1, Math.floor(broadcastPage / Math.max(1, stored.length)));
  return new Map(
    stored.flatMap((message): [string, CounterRange][] => {
      const body = broadcastOf(message);
      return body === null ? [] : [[message.key, { ...body.list, after: body.after, limit }]];
    }),
  );
}

/** One page of an index: a signal for each of its jobs, and the message that goes on after it. */
export function broadcastPage(
  body: BroadcastBody,
  page: { readonly plans: readonly Plan[]; readonly records: readonly CounterRecord[]; readonly limit: number },
  { now, limits }: Pick<Moment, "now" | "limits">,
): readonly Effect[] {
  const { list, topic, status, code, scrub, id } = body;
  const keepUntil = after(now, limits.signalKeepMs);
  const everyList = list.prefix === indexPrefix;
  const effects = new Map<string, Effect>();
  for (const { field } of page.records) {
    const entry = counterField(field);
    if (entry?.kind !== "index" || (everyList && entry.rank > 0)) continue;
    const { job } = entry;
    const request = { topic, data: { ...body.data, id: job }, status, code, keepUntil, now };
    const dispatch = dispatchOf(page.plans, { ...request, id: keyAfter(id, "broadcast", job) });
    effects.set(dispatch.id, { kind: "signal", dispatch });
  }
  const last = page.records.at(-1);
  const goesOn = last !== undefined && page.records.length >= page.limit;
  return [
    ...effects.values(),
    // What was started meanwhile may sort before this page: only what was read is forgotten.
    ...(scrub ? page.records.map((record): Effect => ({ kind: "forget", span: spanOf(record) })) : []),
    ...(goesOn ? [{ kind: "send", message: nextPage(body, last) } as const] : []),
  ];
}

/** The plans that a broadcast names, and how to look them up. */
export function plansOf(body: BroadcastBody, planOf: (id: PlanId) => Plan | null): readonly Plan[] {
  return body.plans.map((id) => planOf(planId(id))).filter((plan) => plan !== null);
}

function nextPage(body: BroadcastBody, { slice, field }: CounterRecord): OutgoingMessage {
  const page = body.page + 1;
  return messageOf(keyAfter(body.id, "page", page), { ...body, page, after: { slice, field } });
}

/** A field ends with a bracket, so no other one begins with it. */
function spanOf({ name, slice, field }: CounterRecord): CounterSpan {
  return { name, from: slice, to: slice, prefix: field };
}

function messageOf(key: MessageKey, body: BroadcastBody): OutgoingMessage {
  return {
    key,
    topic: null,
    kind: broadcastKind,
    job: null,
    generation: null,
    path: null,
    body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}
