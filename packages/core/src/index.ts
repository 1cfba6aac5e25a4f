/**
 * The interpreter of graphs, and the ports that adapters, engines and workers meet at.
 *
 * @module @hotmesh/core
 */

// What an adapter, an engine or a worker needs. The compiler has an entry of its own, because it pulls in yaml and ajv.
export {
  type ActivityId,
  type Address,
  type AppId,
  address,
  after,
  type GenerationId,
  generationId,
  type Instant,
  instant,
  type JobId,
  jobId,
  type LeaseToken,
  leaseToken,
  type MessageKey,
  messageKey,
  type PathText,
  type PlanId,
  pathText,
  planId,
  type Topic,
} from "./brand.js";
export { acceptsHooks } from "./code/accepts-hooks.js";
export { codePlan, codePlanVersion } from "./code/code-plan.js";
export { applyEntity, entityField, entityIn } from "./code/entity.js";
export {
  type CancelledRequest,
  type ChildRequest,
  type EffectRequest,
  type EntryAnswer,
  type EntryBody,
  type HookPayload,
  hookTopic,
  type OperationKind,
  type OperationRecord,
  type OperationRequest,
  type ProxyRequest,
  type RecordedError,
  type RunPayload,
  runTopic,
  type SleepRequest,
  type StoredRequest,
  type WaitRequest,
  waitTopic,
} from "./code/protocol.js";
export { applySearch, type SearchFields, storedName } from "./code/search.js";
export type { Diagnostic } from "./compile/diagnostic.js";
export { type ErrorKind, errorKinds } from "./error-kinds.js";
export { broken, CompileError, DuplicateJobError, HotMeshError, invariant, PayloadInvalidError } from "./errors.js";
export type { Expression } from "./expression/expression.js";
export { nextTick } from "./expression/functions/cron.js";
export { jobChannel, resultChannel } from "./interpret/announce.js";
export { type GraphProgramOptions, graphProgram, type PlanSource } from "./interpret/batch.js";
export { broadcastMessage } from "./interpret/broadcast.js";
export { cancelMark } from "./interpret/cancel-mark.js";
export { decide } from "./interpret/decide.js";
export {
  type JobRequestBody,
  jobRequestKind,
  type SignalRequestBody,
  signalRequestKind,
} from "./interpret/event-codec.js";
export { interruptMessage } from "./interpret/interrupt-job.js";
export { requestMessage } from "./interpret/job-request.js";
export type { PayloadCheck } from "./interpret/moment.js";
export { defaultLimits, type Limits, type Moment, type Observer } from "./interpret/moment.js";
export {
  type LegObservation,
  type Observation,
  observationOf,
  type ProblemObservation,
} from "./interpret/observation.js";
export { hookTarget } from "./interpret/signal-dispatch.js";
export type { BegunSpan, LegStart, SpanSource } from "./interpret/span-source.js";
export { prepareStart, type StartRequest } from "./interpret/start-event.js";
export type { Decision } from "./job/decision.js";
export { parseSeconds } from "./job/duration.js";
export { waitOf } from "./job/escalation.js";
export type { InterruptBody, JobEvent, SignalBody, StartBody } from "./job/event.js";
export { type Failure, failureData, failureOf } from "./job/failure.js";
export { guid, type RandomBytes } from "./job/guid.js";
export { childGeneration, childJobId, keyAfter, keyOf } from "./job/keys.js";
export { type JobOutput, jobOutput } from "./job/output.js";
export { type ActivityPath, baseOf, childAddress, isWithin, parsePath, pathOf, rootAddress } from "./job/path.js";
export type { JobState } from "./job/state.js";
export { timeText } from "./job/time-text.js";
export { type TraceContext, traceContext, traceContextOf, traceIdOf, traceText } from "./job/trace-context.js";
export { isJsonObject, type Json, type JsonObject, jsonObjectOf, jsonOf } from "./json.js";
export { CollationError, GenerationalError, InactiveJobError } from "./message-errors.js";
export { canonicalJson } from "./plan/canonical.js";
export type {
  ActivityPlan,
  Edge,
  GraphPlan,
  HookRule,
  Plan,
  TriggerPlan,
  WorkerPlan,
} from "./plan/plan.js";
export { type PlanIndex, planIndex } from "./plan/plan-index.js";
export type { Backend } from "./ports/backend.js";
export { type Cancel, Canceller, type Clock } from "./ports/clock.js";
export type {
  AnswerBody,
  CodeRetry,
  InboundMessage,
  Lease,
  Outcome,
  OutgoingMessage,
  RetryPolicy,
  Settled,
  Settlement,
} from "./ports/message.js";
export type {
  Cancel as CommitCancel,
  Commit,
  HookClose,
  JobWrite,
  MissingPlans,
  MissingReads,
  PassKey,
  PassRange,
  PassReads,
  Program,
  ReadSet,
  Snapshot,
  Verdict,
} from "./ports/program.js";
export { joinReads, readRoundsMax } from "./ports/program.js";
export type { Pump } from "./ports/pump.js";
export type {
  Activation,
  AttemptRecord,
  CounterChange,
  CounterRange,
  CounterRecord,
  CounterSpan,
  EscalationClose,
  EscalationOpening,
  EscalationOutcome,
  EscalationRecord,
  HookRecord,
  JobPhase,
  JobRecord,
  ParentLink,
  PassRecord,
  PassWrite,
  Publication,
  SignalDispatch,
  VersionRecord,
} from "./ports/records.js";
export {
  type MemberRecord,
  memberForgottenMs,
  memberFreshMs,
  memberGoneMs,
  type PresentMember,
  type Registry,
  type ThrottleRule,
  type Turn,
} from "./ports/registry.js";
export type {
  EscalationState,
  Handoff,
  PassesForm,
  Postponed,
  StepOptions,
  StepReport,
  Store,
  StoredForm,
} from "./ports/store.js";
export type { ClaimOptions, ClaimReport, Stream } from "./ports/stream.js";
export { laneChannel, quorumChannel, type Sub, type SubListener, type Subscription } from "./ports/sub.js";
export { Agenda } from "./pump/agenda.js";
export { Alarm } from "./pump/alarm.js";
export { allOrNone } from "./pump/all-or-none.js";
export { backoffMs } from "./pump/backoff.js";
export { type Logger, silentLogger } from "./pump/logger.js";
export { Pace } from "./pump/pace.js";
export { type PumpOptions, runPump } from "./pump/run-pump.js";
export { type Timers, timerClock } from "./pump/timer-clock.js";
export { type ActivityDetail, activityDetails, type JobDetails } from "./reads/activity-details.js";
export { type JobExport, jobExport } from "./reads/job-export.js";
export { queryState } from "./reads/query-state.js";
export { rawJob } from "./reads/raw-job.js";
export { type IdsMeasure, type IdsResponse, idsResponse } from "./statistics/ids-response.js";
export {
  facetIn,
  type GetStatsOptions,
  listOf,
  measuresOf,
  type StatsInput,
  type StatsQuery,
  statsQuery,
} from "./statistics/query.js";
export { readCounters } from "./statistics/read-counters.js";
export {
  type StatsMeasure,
  type StatsResponse,
  type StatsSegment,
  statsResponse,
} from "./statistics/stats-response.js";
export { answerBodyOf, type Ending, outcomeOf, poisonOf } from "./work/outcome.js";
export {
  type StreamData,
  type StreamDataResponse,
  StreamDataType,
  type StreamError,
  type StreamMetadata,
  StreamRole,
  StreamStatus,
  streamDataOf,
  type WorkerAnswer,
} from "./work/stream-data.js";
