import { didInterrupt, isCancellation } from "../errors.js";
import { random, uuid4 } from "./chance.js";
import { executeChild, startChild } from "./children.js";
import { emit, enrich, signal, terminate, trace } from "./effects.js";
import { all, CancellationScope, continueAsNew } from "./generations.js";
import { execHook, execHookBatch, hook } from "./hooks.js";
import { didRun, getHotMesh, isSideEffectAllowed, workflowInfo } from "./info.js";
import { deprecatePatch, patched } from "./patches.js";
import { proxyActivities } from "./proxy-activities.js";
import { condition, sleep } from "./waiting.js";

/** What workflow functions call; `search` and `entity` are beside. */
export const workflowFunctions = {
  workflowInfo,
  proxyActivities,
  sleep,
  sleepFor: sleep,
  condition,
  waitFor: condition,
  executeChild,
  execChild: executeChild,
  startChild,
  hook,
  execHook,
  execHookBatch,
  signal,
  emit,
  trace,
  enrich,
  terminate,
  interrupt: terminate,
  random,
  uuid4,
  patched,
  deprecatePatch,
  continueAsNew,
  CancellationScope,
  all,
  didInterrupt,
  isCancellation,
  isSideEffectAllowed,
  didRun,
  getHotMesh,
} as const;
