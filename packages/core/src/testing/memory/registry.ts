import { after, type Instant } from "../../brand.js";
import {
  type MemberRecord,
  memberForgottenMs,
  memberGoneMs,
  type PresentMember,
  type Registry,
  type ThrottleRule,
  type Turn,
} from "../../ports/registry.js";

interface TurnRow {
  readonly holder: string;
  readonly until: Instant;
}

interface StoredRule {
  readonly rule: ThrottleRule;
  readonly at: Instant;
}

/** What the backends of one database know of their mesh. Nothing of it takes part in transactions. */
export class MemoryRegistry {
  readonly #members = new Map<string, PresentMember>();
  readonly #turns = new Map<string, TurnRow>();
  #rules: readonly StoredRule[] = [];

  /** The registry under the clock of one backend. */
  on(clock: { now(): Instant }): Registry {
    return {
      checkIn: async (members) => {
        for (const member of members) this.#see(member, clock.now());
        return this.#rules.map(({ rule }) => rule);
      },
      checkOut: async (members) => {
        for (const member of members) this.#leave(member, clock.now());
      },
      members: async () => this.#present(clock.now()),
      throttle: async (rule) => {
        const kept = this.#rules.filter((stored) => !covers(rule, stored.rule));
        this.#rules = [...kept, { rule: normal(rule), at: clock.now() }];
      },
      takeTurn: async (turn, forMs) => this.#take(turn, { now: clock.now(), forMs }),
      endTurn: async ({ name, holder }) => {
        if (this.#turns.get(name)?.holder === holder) this.#turns.delete(name);
      },
      forget: async () => this.#forget(after(clock.now(), -memberForgottenMs)),
    };
  }

  #see(member: MemberRecord, now: Instant): void {
    const name = nameOf(member);
    const known = this.#members.get(name);
    const connectedAt = known === undefined || isGone(known, now) ? now : known.connectedAt;
    this.#members.set(name, { ...member, connectedAt, seenAt: now });
  }

  /** It is gone from now on, but not forgotten. */
  #leave(member: MemberRecord, now: Instant): void {
    const name = nameOf(member);
    const known = this.#members.get(name);
    if (known !== undefined && !isGone(known, now)) {
      this.#members.set(name, { ...known, seenAt: after(now, -memberGoneMs) });
    }
  }

  #forget(before: Instant): void {
    for (const [name, { seenAt }] of this.#members) if (seenAt <= before) this.#members.delete(name);
    const guids = new Set([...this.#members.values()].map(({ guid }) => guid));
    this.#rules = this.#rules.filter(({ rule: { guid }, at }) => guid === null || guids.has(guid) || at > before);
  }

  #present(now: Instant): readonly PresentMember[] {
    const here = [...this.#members].filter(([, member]) => !isGone(member, now));
    return here.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
  }

  #take({ name, holder }: Turn, { now, forMs }: { readonly now: Instant; readonly forMs: number }): number | null {
    const present = this.#turns.get(name);
    if (present !== undefined && present.holder !== holder && present.until > now) return present.until - now;
    this.#turns.set(name, { holder, until: after(now, forMs) });
    return null;
  }
}

function isGone({ seenAt }: PresentMember, now: Instant): boolean {
  return now - seenAt >= memberGoneMs;
}

function nameOf({ guid, role, topic }: MemberRecord): string {
  return JSON.stringify([guid, role, topic ?? ""]);
}

/** A topic is a matter of workers. */
function normal(rule: ThrottleRule): ThrottleRule {
  return rule.topic === null ? rule : { ...rule, scope: "workers" };
}

/** Whoever `old` addresses is addressed by `rule` as well. */
function covers(rule: ThrottleRule, old: ThrottleRule): boolean {
  const { topic, guid, scope } = normal(rule);
  return (
    (guid === null || guid === old.guid) &&
    (topic === null || topic === old.topic) &&
    (scope === "all" || scope === old.scope)
  );
}
