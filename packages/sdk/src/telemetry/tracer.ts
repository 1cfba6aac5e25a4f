import { type Tracer, trace } from "@opentelemetry/api";
import manifest from "../../package.json" with { type: "json" };
import { type TelemetryLevel, Tracing } from "./tracing.js";

/** The tracer of this package at the provider that the process has registered; without one it does nothing. */
export function packageTracer(): Tracer {
  return trace.getTracer(manifest.name, manifest.version);
}

/**
 * Spans for an engine or a worker that is put together without `HotMesh.init`: its `observer` belongs to the engine's
 * option `observe`, its `execute` is a worker's `around`.
 */
export function openTelemetry(appId: string, level: TelemetryLevel = "info"): Tracing {
  return new Tracing({ appId, level, tracer: packageTracer() });
}
