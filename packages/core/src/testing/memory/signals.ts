import { keyAfter } from "../../job/keys.js";
import type { HookClose } from "../../ports/program.js";
import type { HookRecord, SignalDispatch } from "../../ports/records.js";
import { frozenCopy } from "./frozen.js";
import { waitLock } from "./locks.js";
import { liveJob, send } from "./messages.js";
import { hookKey, waitKey } from "./tables.js";
import type { Unit } from "./unit.js";

export function closeHooks(unit: Unit, close: HookClose): void {
  for (const hook of unit.tables.hooks.group("job", close.job)) {
    if (close.path === null || hook.path === close.path) removeHook(unit, hook);
  }
}

/** Opens hooks; those that a kept signal has been waiting for are served at once. */
export function openHooks(unit: Unit, hooks: readonly HookRecord[]): void {
  for (const hook of hooks) {
    unit.lock(waitLock(waitKey(hook.topic, hook.key)));
    unit.tables.hooks.put(hookKey(hook), frozenCopy(hook));
  }
  for (const hook of hooks) {
    const kept = unit.tables.signals.get(waitKey(hook.topic, hook.key));
    // A signal for another hook of the same pass may have closed this one by now.
    const isOpen = unit.tables.hooks.get(hookKey(hook)) !== undefined;
    if (kept === undefined || !isOpen || kept.dispatch.keepUntil <= unit.now) continue;
    unit.tables.signals.remove(waitKey(hook.topic, hook.key));
    deliver(unit, { ...kept.dispatch, body: kept.dispatch.kept }, hook);
  }
}

/** Delivers a signal to every hook it matches, or keeps it for the next one that opens. */
export function dispatch(unit: Unit, signal: SignalDispatch): void {
  const waits = signal.keys.map((key) => waitKey(signal.topic, key));
  for (const wait of waits) unit.lock(waitLock(wait));
  const matching = waits.flatMap((wait) => unit.tables.hooks.group("wait", wait)).filter((hook) => isAlive(unit, hook));
  const hooks = signal.newest === true ? matching.sort(newestFirst).slice(0, 1) : matching;
  for (const hook of hooks) deliver(unit, signal, hook);
  if (hooks.length > 0) return;
  for (const key of signal.keys) {
    unit.tables.signals.put(waitKey(signal.topic, key), frozenCopy({ key, dispatch: signal }));
  }
}

/** Of hooks that were opened in one moment the one with the longer path is the later one: they are numbered. */
function newestFirst(a: HookRecord, b: HookRecord): number {
  return b.openedAt - a.openedAt || b.path.length - a.path.length || (a.path < b.path ? 1 : -1);
}

function deliver(unit: Unit, signal: SignalDispatch, hook: HookRecord): void {
  send(unit, {
    // The generation is part of the key: jobs of one graph wait at one path.
    key: keyAfter(signal.id, "deliver", `${hook.generation} ${hook.path}`),
    topic: null,
    kind: "signal",
    job: hook.job,
    generation: hook.generation,
    path: hook.path,
    body: signal.body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  });
  if (signal.closes) closeHooks(unit, hook);
}

/** The hooks of an expired job lie there until it is swept, but nobody waits. */
function isAlive(unit: Unit, hook: HookRecord): boolean {
  return liveJob(unit, hook.job)?.generation === hook.generation;
}

function removeHook(unit: Unit, hook: HookRecord): void {
  unit.lock(waitLock(waitKey(hook.topic, hook.key)));
  unit.tables.hooks.remove(hookKey(hook));
}
