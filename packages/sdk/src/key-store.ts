// What `KeyStore` has: names that are shown to people, or found in Postgres.
export { channelName, schemaName } from "@hotmesh/store-postgres";

/** A stream as profiles name it: that of the engines, or of the workers of a topic. */
export function streamName(namespace: string, appId: string, topic: string | null = null): string {
  return `${namespace}:${appId}:x:${topic ?? ""}`;
}

/** A job in the column `key` of the view `jobs`. */
export function jobKey(namespace: string, appId: string, jobId: string): string {
  return `${namespace}:${appId}:j:${jobId}`;
}
