import { expect, expectTypeOf, test } from "vitest";
import * as sdk from "./index.js";
import {
  type ExtensionType,
  HotMesh,
  type HotMeshConfig,
  type HotMeshManifest,
  type JobInterruptOptions,
  type JobOutput,
  type JobState,
  type QuorumMessage,
  type QuorumProfile,
  type StreamData,
  type StreamDataResponse,
  StreamStatus,
  type ThrottleOptions,
  type Types,
} from "./index.js";

type Data = Record<string, unknown>;

test("S110 the static members have the signatures that the reference names", () => {
  expectTypeOf(HotMesh.disconnecting).toEqualTypeOf<boolean>();
  expectTypeOf(HotMesh.guid).toEqualTypeOf<() => string>();
  expectTypeOf(HotMesh.init).toEqualTypeOf<(config: HotMeshConfig) => Promise<HotMesh>>();
  expectTypeOf(HotMesh.stop).toEqualTypeOf<() => Promise<void>>();

  expect([typeof HotMesh.disconnecting, typeof HotMesh.guid, typeof HotMesh.init, typeof HotMesh.stop]).toEqual([
    "boolean",
    "function",
    "function",
    "function",
  ]);
});

test("S110 the members that run jobs have the signatures that the reference names", () => {
  type Pub = (...given: [topic: string, data?: Data, context?: JobState, extended?: ExtensionType]) => Promise<string>;
  type Pubsub = (
    ...given: [topic: string, data?: Data, context?: JobState | null, timeout?: number]
  ) => Promise<JobOutput>;
  type Add = (data: StreamData | StreamDataResponse) => Promise<string>;
  type Signal = (...given: [topic: string, data: Data, status?: StreamStatus, code?: number]) => Promise<string>;
  type Interrupt = (topic: string, id: string, options?: JobInterruptOptions) => Promise<string | undefined>;
  type Hear = (topic: string, callback: (topic: string, message: JobOutput) => void) => Promise<void>;

  expectTypeOf<HotMesh["pub"]>().toExtend<Pub>();
  expectTypeOf<HotMesh["pubsub"]>().toExtend<Pubsub>();
  expectTypeOf<HotMesh["add"]>().toExtend<Add>();
  expectTypeOf<HotMesh["signal"]>().toExtend<Signal>();
  expectTypeOf<HotMesh["interrupt"]>().toExtend<Interrupt>();
  expectTypeOf<HotMesh["sub"]>().toExtend<Hear>();
  expectTypeOf<HotMesh["psub"]>().toExtend<Hear>();
});

test("S110 the members that read, deploy and command have the signatures that the reference names", () => {
  type QuorumCallback = (topic: string, message: QuorumMessage) => void;

  expectTypeOf<HotMesh["getState"]>().toExtend<(topic: string, id: string) => Promise<JobOutput>>();
  expectTypeOf<HotMesh["getRaw"]>().toExtend<(id: string) => Promise<Record<string, string>>>();
  expectTypeOf<HotMesh["getQueryState"]>().toExtend<
    (id: string, fields: string[]) => Promise<Record<string, string | null>>
  >();
  expectTypeOf<HotMesh["deploy"]>().toExtend<(pathOrYAML: string) => Promise<HotMeshManifest>>();
  expectTypeOf<HotMesh["activate"]>().toExtend<(version: string, delay?: number) => Promise<boolean>>();
  expectTypeOf<HotMesh["rollCall"]>().toExtend<(delay?: number) => Promise<QuorumProfile[]>>();
  expectTypeOf<HotMesh["throttle"]>().toExtend<(options: ThrottleOptions) => Promise<boolean>>();
  expectTypeOf<HotMesh["pubQuorum"]>().toExtend<(message: QuorumMessage) => Promise<boolean>>();
  expectTypeOf<HotMesh["subQuorum"]>().toExtend<(callback: QuorumCallback) => Promise<void>>();
  expectTypeOf<HotMesh["unsubQuorum"]>().toExtend<(callback: QuorumCallback) => Promise<void>>();
  expectTypeOf<HotMesh["stop"]>().toEqualTypeOf<() => Promise<void>>();
});

test("S110 the types have the fields that the reference names", () => {
  expectTypeOf<{
    search: Record<string, string>;
    marker: Record<string, string>;
    pending: number;
    entity: string;
  }>().toExtend<ExtensionType>();
  expectTypeOf<{ metadata: { trc: string; spn: string } }>().toExtend<JobState>();
  expectTypeOf<QuorumMessage["type"]>().toEqualTypeOf<
    "ping" | "pong" | "activate" | "throttle" | "job" | "user" | "work" | "cron" | "rollcall" | "duress"
  >();
  expectTypeOf<Pick<QuorumProfile, "namespace" | "app_id" | "engine_id">>().toEqualTypeOf<{
    namespace: string;
    app_id: string;
    engine_id: string;
  }>();
  expectTypeOf<{ metadata: { guid: string; aid: string }; data: Data }>().toExtend<StreamData>();
  expectTypeOf<StreamDataResponse>().toEqualTypeOf<StreamData>();
  expectTypeOf<Types.StreamData>().toEqualTypeOf<StreamData>();
  expectTypeOf<Types.HotMeshConfig>().toEqualTypeOf<HotMeshConfig>();

  expect(StreamStatus).toEqual({ SUCCESS: "success", ERROR: "error", PENDING: "pending" });
});

const values = [
  "CancelledFailure",
  "Client",
  "CollationError",
  "CompileError",
  "Connection",
  "Connector",
  "ConnectorPostgres",
  "DBA",
  "DuplicateJobError",
  "Durable",
  "DurableChildError",
  "DurableContinueAsNewError",
  "DurableFatalError",
  "DurableMaxedError",
  "DurableProxyError",
  "DurableRetryError",
  "DurableSleepError",
  "DurableTimeoutError",
  "DurableWaitForAllError",
  "DurableWaitForError",
  "Entity",
  "Enums",
  "Errors",
  "Escalations",
  "ExecActivityError",
  "GenerationalError",
  "GetStateError",
  "HotMesh",
  "HotMeshError",
  "InactiveJobError",
  "JobFailedError",
  "JobTimeoutError",
  "KeyStore",
  "LeaseExpiredError",
  "MapDataError",
  "PayloadInvalidError",
  "RegisterTimeoutError",
  "Search",
  "SetStateError",
  "StreamDataType",
  "StreamRole",
  "StreamStatus",
  "Utils",
  "Virtual",
  "Worker",
  "WorkflowFailedError",
  "WorkflowHandle",
  "openTelemetry",
  "proxyActivities",
  "typed",
  "typedWorkers",
  "workflow",
];

test("the package exports these values, and no other", () => {
  const namespaces = { Enums: sdk.Enums, Errors: sdk.Errors, KeyStore: sdk.KeyStore, Utils: sdk.Utils };

  expect(Object.keys(sdk).sort()).toEqual(values);
  expect(Object.keys(namespaces.Enums).sort()).toEqual([
    "ErrorCategory",
    "StreamDataType",
    "StreamRole",
    "StreamStatus",
  ]);
  expect(Object.keys(namespaces.KeyStore).sort()).toEqual(["channelName", "jobKey", "schemaName", "streamName"]);
  expect(Object.keys(namespaces.Utils).sort()).toEqual(["parseSeconds", "timeText"]);
});
