import type { ActivityConfig } from "./replay/activity-config.js";

/** What an interceptor may know of the workflow: `workflowId`, `taskQueue`, `replay`, … */
export type WorkflowContextMap = Map<string, unknown>;

/** Wraps whole workflow and hook functions, on every entry, inside their context. */
export interface WorkflowInboundCallsInterceptor {
  /** Runs the function with `next()`, and resolves with what it is to have returned. */
  execute(context: WorkflowContextMap, next: () => Promise<unknown>): Promise<unknown>;
}

/** The call of an activity. Interceptors change it in place before `next()`. */
export interface WorkflowOutboundCallsInterceptorContext {
  /** The activity. */
  activityName: string;
  /** What it is called with. */
  args: unknown[];
  /** Those of its proxy. */
  options?: ActivityConfig;
}

/** Wraps the calls of activities inside workflows. */
export interface WorkflowOutboundCallsInterceptor {
  /** Makes the call with `next()`, which resolves on the entries where the result is known. */
  execute(
    call: WorkflowOutboundCallsInterceptorContext,
    context: WorkflowContextMap,
    next: () => Promise<unknown>,
  ): Promise<unknown>;
}

/** Wraps activities where they are executed. */
export interface ActivityInboundCallsInterceptor {
  /** Runs the activity with `next()`, and resolves with what it is to have returned. */
  execute(activityName: string, args: unknown[], next: () => Promise<unknown>): Promise<unknown>;
}

const inbound: WorkflowInboundCallsInterceptor[] = [];
const outbound: WorkflowOutboundCallsInterceptor[] = [];
const activities: ActivityInboundCallsInterceptor[] = [];

/** Adds an interceptor of workflow functions to all of this process. The first one registered is the outermost. */
export function registerInboundInterceptor(interceptor: WorkflowInboundCallsInterceptor): void {
  inbound.push(interceptor);
}

/** Adds an interceptor of calls of activities to all of this process. The first one registered is the outermost. */
export function registerOutboundInterceptor(interceptor: WorkflowOutboundCallsInterceptor): void {
  outbound.push(interceptor);
}

/** Adds an interceptor of executing activities to all of this process. The first one registered is the outermost. */
export function registerActivityInboundInterceptor(interceptor: ActivityInboundCallsInterceptor): void {
  activities.push(interceptor);
}

/** Removes the interceptors of all kinds. */
export function clearInterceptors(): void {
  inbound.length = 0;
  clearOutboundInterceptors();
  clearActivityInboundInterceptors();
}

/** Removes the interceptors of calls of activities. */
export function clearOutboundInterceptors(): void {
  outbound.length = 0;
}

/** Removes the interceptors of executing activities. */
export function clearActivityInboundInterceptors(): void {
  activities.length = 0;
}

/** Runs a workflow function inside its interceptors. */
export function throughInbound(context: WorkflowContextMap, run: () => Promise<unknown>): Promise<unknown> {
  return through(inbound, (interceptor, next) => interceptor.execute(context, next), run);
}

/** Calls an activity inside the interceptors of such calls. `context` is made anew for each of them. */
export function throughOutbound(
  call: WorkflowOutboundCallsInterceptorContext,
  context: () => WorkflowContextMap,
  run: () => Promise<unknown>,
): Promise<unknown> {
  return through(outbound, (interceptor, next) => interceptor.execute(call, context(), next), run);
}

/** Executes an activity inside the interceptors of activities. */
export function throughActivityInbound(
  activityName: string,
  args: unknown[],
  run: () => Promise<unknown>,
): Promise<unknown> {
  return through(activities, (interceptor, next) => interceptor.execute(activityName, args, next), run);
}

/** The first is the outermost. A list that changes meanwhile changes nothing of this call. */
function through<Interceptor>(
  interceptors: readonly Interceptor[],
  execute: (interceptor: Interceptor, next: () => Promise<unknown>) => Promise<unknown>,
  run: () => Promise<unknown>,
): Promise<unknown> {
  return [...interceptors].reduceRight<() => Promise<unknown>>(
    (next, interceptor) => async () => execute(interceptor, next),
    run,
  )();
}
