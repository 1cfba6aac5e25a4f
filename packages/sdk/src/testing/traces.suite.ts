import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";

/** What an application sets up to have traces: a provider and a manager of contexts, registered for the process. */
export interface Recorder {
  /** Spans that were exported, in the order they ended. */
  spans(): readonly ReadableSpan[];
  /** Each span's name and its parent's; `-` for none, `?` for one that was not exported. */
  tree(): readonly (readonly [name: string, parent: string])[];
  stop(): Promise<void>;
}

export function recordTraces(
  options: { readonly sampler?: Sampler; readonly processor?: SpanProcessor } = {},
): Recorder {
  const exporter = new InMemorySpanExporter();
  const { sampler, processor } = options;
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter), ...(processor === undefined ? [] : [processor])],
    ...(sampler !== undefined && { sampler }),
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(localContexts());
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  return {
    spans,
    tree: () => {
      const names = new Map(spans().map((span) => [span.spanContext().spanId, span.name]));
      return spans().map(({ name, parentSpanContext: above }) => [
        name,
        above === undefined ? "-" : (names.get(above.spanId) ?? "?"),
      ]);
    },
    stop: async () => {
      trace.disable();
      context.disable();
      await provider.shutdown();
    },
  };
}

function localContexts(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (given, run, ...call) => {
      const [self, ...args] = call;
      return storage.run(given, () => run.apply(self, args));
    },
    bind: (_given, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
