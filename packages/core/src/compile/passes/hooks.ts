import { isJsonObject, type Json } from "../../json.js";
import { type GraphModel, member } from "../app-model.js";
import type { Findings } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/** The rules under `hooks`. */
export function checkHooks(graph: GraphModel, findings: Findings): void {
  for (const rule of graph.rules) {
    if (rule.to === null) continue;
    const path = [...rule.path, "to"];
    const target = graph.byId.get(rule.to);
    if (target === undefined) {
      const hint = didYouMean(rule.to, graph.byId.keys());
      findings.error({ code: "unknown-activity", path, message: `the graph has no activity ${rule.to}`, hint });
    } else if (target.type !== "hook" && target.type !== null) {
      findings.warning({
        code: "rule-target",
        path,
        message: `${rule.to} is of type ${target.type}, and only hooks wait for signals: the rule has no effect`,
        hint: "name a hook",
      });
    }
  }
}

/** `expire` of a graph: a literal that is no number counts as not numeric, and the job is then kept for ever. */
export function checkExpire(graph: GraphModel, findings: Findings): void {
  const expire = member(graph.body, "expire");
  if (expire === undefined || typeof expire === "number" || isExpression(expire) || isNumericText(expire)) return;
  findings.warning({
    code: "literal-expire",
    path: [...graph.path, "expire"],
    message:
      `expire is ${JSON.stringify(expire)}, which is no number of seconds: ` +
      "finished jobs are kept until they are pruned",
    hint: "write a number of seconds, a reference or a pipe",
  });
}

function isExpression(value: Json): boolean {
  if (typeof value === "string") return value.startsWith("{") && value.endsWith("}");
  return isJsonObject(value) && Object.hasOwn(value, "@pipe");
}

const isNumericText = (value: Json): boolean =>
  typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
