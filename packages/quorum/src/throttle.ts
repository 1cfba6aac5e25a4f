import type { Registry } from "@hotmesh/core";
import type { Quorum } from "./quorum.js";
import { type ThrottleOptions, throttleRule } from "./throttle-rule.js";

/** Stores a command, then tells the mesh of it. Members read what is stored, whether they hear of it or not. */
export async function throttle(
  mesh: { readonly quorum: Pick<Quorum, "publish">; readonly registry: Pick<Registry, "throttle"> },
  options: ThrottleOptions,
): Promise<void> {
  const rule = throttleRule(options);
  await mesh.registry.throttle(rule);
  const { topic, guid, scope } = rule;
  await mesh.quorum.publish({
    type: "throttle",
    throttle: rule.throttle,
    ...(topic !== null && { topic }),
    ...(guid !== null && { guid }),
    ...(options.scope !== undefined && { scope }),
  });
}
