import { createHash } from "node:crypto";

export const defaultNamespace = "hmsh";
const identifierBytesMax = 63;

/** The schema of an app. Two pairs of namespace and app never share one. */
export function schemaName(namespace: string, appId: string): string {
  const name = namespace === defaultNamespace ? appId : `${namespace}.${appId}`;
  return name === "public" || Buffer.byteLength(name) > identifierBytesMax ? shortened(name) : name;
}

/** The notification channel of an app. */
export function channelName(namespace: string, appId: string): string {
  const name = `${namespace}:${appId}:q:`;
  return Buffer.byteLength(name) > identifierBytesMax ? shortened(name) : name;
}

/** 46 bytes, a tilde and 16 digits: exactly what Postgres keeps of an identifier. Ids are ASCII. */
function shortened(name: string): string {
  return `${name.slice(0, 46)}~${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}
