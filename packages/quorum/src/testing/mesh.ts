import { MemoryDatabase, memoryBackend, prng, TestClock } from "@hotmesh/core/testing";
import type { MemberState } from "../observe.js";
import { type Member, Quorum } from "../quorum.js";

/** Some points of presence of one app, each with a backend of its own, as in a process of its own. */
export function mesh() {
  const clock = new TestClock();
  const database = new MemoryDatabase();
  return {
    clock,
    join: async (guid: string, members: readonly Member[] = []) => {
      const backend = memoryBackend({ clock, database });
      let drawn = 0;
      const newId = (): string => {
        drawn += 1;
        return `${guid}-${drawn}`;
      };
      const common = { namespace: "hmsh", appId: "studio", guid, sub: backend.sub, clock, newId };
      const quorum = new Quorum({ ...common, random: prng(guid).next });
      for (const member of members) quorum.add(member);
      await quorum.join();
      return { quorum, backend };
    },
    /** Lets time pass until the promise is settled. */
    patiently: async <T>(promise: Promise<T>): Promise<T> => {
      let isOpen = true;
      const close = (): void => {
        isOpen = false;
      };
      promise.then(close, close);
      for (let turn = 0; isOpen && turn < 10_000; turn += 1) {
        await Promise.resolve();
        if (turn % 50 === 49) clock.advance(50);
      }
      return promise;
    },
  };
}

export function member(over: Partial<Member> = {}): Member {
  const topic = over.topic ?? null;
  const profile = async () => ({
    namespace: "hmsh",
    app_id: "studio",
    engine_id: "H",
    ...(topic && { worker_topic: topic }),
  });
  return { role: topic === null ? "engine" : "worker", topic, profile, wake: () => {}, ...over };
}

export function state(over: Partial<MemberState> = {}): MemberState {
  return { guid: "H1", role: "engine", topic: null, nocacheUntil: null, ...over };
}
