import { createHash } from "node:crypto";

const prefix = "hmsh_wrk_";
const bytesMax = 63;

/**
 * The login of a worker: `hmsh_wrk_<schema>_<streams…>`. Where that would be too long, hard to type or the name of
 * other streams too, the end is a digest. The order of the streams does not matter.
 */
export function workerRoleName(schema: string, streams: readonly string[]): string {
  const sorted = [...new Set(streams)].sort();
  const plain = `${prefix}${[schema, ...sorted].join("_")}`;
  if (sorted.every((stream) => /^[A-Za-z0-9.:-]+$/.test(stream)) && plain.length <= bytesMax) return plain;
  const digest = createHash("sha256")
    .update(JSON.stringify([schema, sorted]))
    .digest("hex");
  return `${plain.replace(/[^A-Za-z0-9.:_-]/g, "-").slice(0, 46)}~${digest.slice(0, 16)}`;
}
