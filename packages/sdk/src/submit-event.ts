import { HotMeshError, messageKey, type OutgoingMessage } from "@hotmesh/core";
import type { Engine } from "@hotmesh/engine";
import type { StreamStatus } from "@hotmesh/worker";
import type { TransactionOptions } from "./api/transaction-options.js";
import { signalMessage } from "./engine-messages.js";
import { jsonObject } from "./start-request.js";

/** Hands a message to the engine, within the caller's transaction if there is one. Throws when it is rejected. */
export async function submitEvent(
  engine: Engine<object>,
  message: OutgoingMessage,
  { client }: TransactionOptions,
): Promise<void> {
  const verdict = await (client === undefined ? engine.submit(message) : engine.submitWithin(message, client));
  if (verdict.outcome !== "rejected") return;
  throw new HotMeshError(verdict.kind, verdict.failure.message, { code: verdict.failure.code });
}

/** A signal as its sender gives it. */
export interface SignalToSend {
  readonly topic: string;
  readonly data: object;
  readonly status: StreamStatus;
  readonly code: number;
}

/** Stores a signal; its id. Throws `no-hook-rule` for a topic that no plan which was ever active knows. */
export async function sendSignal(
  ports: { readonly engine: Engine<object>; readonly newId: () => string },
  signal: SignalToSend,
  options: TransactionOptions,
): Promise<string> {
  const { engine, newId } = ports;
  const key = messageKey(newId());
  const plans = await engine.activations.everActive();
  const data = jsonObject(signal.data, `the data of signal ${signal.topic}`);
  await submitEvent(engine, signalMessage({ ...signal, key, data, plans }), options);
  return key;
}
