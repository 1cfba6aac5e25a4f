import type { JobOutput } from "@hotmesh/core";
import type { StreamData, StreamMetadata, StreamStatus } from "@hotmesh/worker";
import type { TransactionOptions } from "./api/transaction-options.js";
import type { HotMeshWorker } from "./config.js";
import type { HotMesh } from "./hotmesh.js";
import type { ExtensionType, JobState } from "./start-request.js";

/**
 * What `emitTypes` of `@hotmesh/core/compiler` writes for an app: `input` and `output` by topic, and by worker topic,
 * and the data of signals and of publications.
 */
export interface AppTypes {
  /** `input` and `output` of jobs, by the topic their graph subscribes to. */
  readonly topics: object;
  /** `input` and `output` of worker activities, by topic. */
  readonly workers: object;
  /** Payloads of signals, by topic. */
  readonly signals: object;
  /** Data of announced jobs, by the topic their graph publishes. */
  readonly publishes: object;
}

type Names<Section> = keyof Section & string;
type InputOf<Section, Topic extends keyof Section> = Section[Topic] extends { readonly input: infer Input }
  ? Input
  : never;
type OutputOf<Section, Topic extends keyof Section> = Section[Topic] extends { readonly output: infer Output }
  ? Output
  : never;

/** Payload fields that every graph takes: they tell where a job comes from. */
interface Lineage {
  originJobId?: string;
  parentWorkflowId?: string;
}

type Empty = Record<never, never>;

/** A payload may be left out when it may be empty. */
type Arguments<Input, More extends readonly unknown[]> = Empty extends Input
  ? [data?: Input & Lineage, ...more: More]
  : [data: Input & Lineage, ...more: More];

/** What callers get of a job whose data are of the type. Data are absent when nothing was mapped. */
export interface TypedJobOutput<Data> extends Omit<JobOutput, "data"> {
  /** Absent when nothing was mapped. */
  readonly data?: Data;
}

/** A mesh whose topics, payloads, results and signals are those of an app. At run time it is the same object. */
export interface TypedHotMesh<App extends AppTypes> extends Omit<HotMesh, "pub" | "pubsub" | "signal" | "sub"> {
  /** Starts a job of the graph that subscribes to the topic; its id. */
  pub<Topic extends Names<App["topics"]>>(
    topic: Topic,
    ...rest: Arguments<InputOf<App["topics"], Topic>, [context?: JobState | null, extended?: ExtensionType]>
  ): Promise<string>;
  /** Starts a job and waits for its result. */
  pubsub<Topic extends Names<App["topics"]>>(
    topic: Topic,
    ...rest: Arguments<
      InputOf<App["topics"], Topic>,
      [context?: JobState | null, timeout?: number, options?: { final?: boolean }]
    >
  ): Promise<TypedJobOutput<OutputOf<App["topics"], Topic>>>;
  /** Sends a signal; `$expire` says how long it is kept for a wait that is still to come. */
  signal<Topic extends Names<App["signals"]>>(
    topic: Topic,
    data: App["signals"][Topic] & { $expire?: string | number },
    ...rest: [status?: StreamStatus, code?: number, options?: TransactionOptions]
  ): Promise<string>;
  /** Hears every emission and completion of graphs that publish the topic. */
  sub<Topic extends Names<App["publishes"]>>(
    topic: Topic,
    callback: (topic: string, message: TypedJobOutput<App["publishes"][Topic]>) => unknown,
  ): Promise<void>;
  /** The same of one job: `topic.<jobId>`. */
  sub(
    topic: `${Names<App["publishes"]>}.${string}`,
    callback: (topic: string, message: TypedJobOutput<App["publishes"][Names<App["publishes"]>]>) => unknown,
  ): Promise<void>;
}

/** A message for a worker whose input is of the type. */
export interface TypedMessage<Input> extends Omit<StreamData, "data"> {
  /** What the activity maps as its input. */
  data: Input;
}

interface AnswerBase {
  metadata?: StreamMetadata;
  code?: number;
}

/** What a worker may answer: data of the type, or an error. */
export type TypedAnswer<Output> =
  | (AnswerBase & { status?: "success" | "pending"; data: Output })
  | (AnswerBase & (Empty extends Output ? { status?: "success" | "pending"; data?: Output } : never))
  | (AnswerBase & { status: "error"; data?: Record<string, unknown>; stack?: string });

/** The callback of a worker topic of an app. */
export type TypedWorker<App extends AppTypes, Topic extends Names<App["workers"]>> = (
  message: TypedMessage<InputOf<App["workers"], Topic>>,
) => Promise<TypedAnswer<OutputOf<App["workers"], Topic>> | undefined> | Promise<void>;

/** Callbacks by worker topic: those that run in this process. */
export type TypedWorkers<App extends AppTypes> = {
  readonly [Topic in Names<App["workers"]>]?: TypedWorker<App, Topic>;
};

/** Sees a mesh through the types of its app. */
export function typed<App extends AppTypes>(mesh: HotMesh): TypedHotMesh<App> {
  return mesh as unknown as TypedHotMesh<App>;
}

/** Entries for `workers` of the configuration, from callbacks by topic. Other settings can be spread over them. */
export function typedWorkers<App extends AppTypes>(callbacks: TypedWorkers<App>): HotMeshWorker[] {
  return Object.entries(callbacks).map(([topic, callback]) => ({
    topic,
    callback: callback as HotMeshWorker["callback"],
  }));
}
