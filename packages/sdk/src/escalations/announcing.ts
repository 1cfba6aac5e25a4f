import type { Commit, Program, Store } from "@hotmesh/core";
import type { WorkItems } from "@hotmesh/store-postgres";
import type { AnyBackend } from "../config.js";
import type { SystemEvents } from "../system-events.js";
import { itemsIn } from "./source.js";

/** The store of an engine, which tells of the work items that its steps have opened and closed. */
export function announcing(backend: AnyBackend, events: SystemEvents): Store<object> {
  const { store } = backend;
  const items = itemsIn(backend);
  if (!events.isHeard || items === null) return store;
  return {
    ...store,
    step: async (options, program) => {
      const watched = watch(program);
      const report = await store.step(options, watched);
      const commit = watched.committed();
      // Whether a transaction of the caller commits is not known here.
      if (commit !== null && options.within === undefined) {
        // It has happened. Who cannot be told of it does not hold up the next step.
        void tell(items, events, commit).catch(() => {});
      }
      return report;
    },
  };
}

/** A program that remembers its last commit: it may be asked several times in a step. */
function watch(program: Program): Program & { committed(): Commit | null } {
  let last: Commit | null = null;
  return {
    reads: (messages) => program.reads(messages),
    decide: (messages, snapshot) => {
      const answer = program.decide(messages, snapshot);
      last = "verdicts" in answer ? answer : null;
      return answer;
    },
    committed: () => last,
  };
}

async function tell(items: WorkItems, events: SystemEvents, commit: Commit): Promise<void> {
  const { escalationsOpened: opened = [], escalationsClosed: closed = [] } = commit;
  if (opened.length + closed.length === 0) return;
  const openedWaits = new Set(opened.map(({ wait }) => wait));
  for (const { wait, entry } of await items.byWaits([...opened, ...closed])) {
    if (openedWaits.has(wait)) events.escalations("created", [entry]);
    const end = closed.find((one) => one.wait === wait) ?? opened.find((one) => one.wait === wait)?.closed ?? null;
    // An item that somebody closed by hand before its job heard of it was told of then.
    if (end !== null && entry.status === end.status) events.escalations(end.status, [entry]);
  }
}
