import { HotMeshError } from "../../errors.js";
import { isBraced } from "../../expression/cell.js";
import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import { type ActivityModel, type GraphModel, member, memberAt, readApp, textOf } from "../app-model.js";
import type { AppManifest, CompileResult } from "../compile.js";
import { printDoc, printType } from "./print-type.js";
import { docOf, schemaType } from "./schema-type.js";
import { anyRecord, isWord, type Member, type TsType, union } from "./ts-type.js";
import { TypeNames, typeName } from "./type-names.js";

/** How the types of an app are written. */
export interface EmitTypesOptions {
  /** Name of the interface; `App`. */
  readonly name?: string;
}

/**
 * The types of an app as the text of a declaration file: what its topics take and give, what its workers receive and
 * answer, what its signals carry, and what it publishes, all from the schemas of its graphs. Where there is no schema
 * the type is `Record<string, unknown>`. The same document always gives the same text.
 */
export function emitTypes(result: CompileResult | AppManifest, options: EmitTypesOptions = {}): string {
  const { app } = "manifest" in result ? result.manifest : result;
  const { name = "App" } = options;
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) {
    throw new HotMeshError("invalid-argument", `${JSON.stringify(name)} is no name for an interface`);
  }
  const names = new TypeNames([name, "Record"]);
  const { id, version, graphs } = readApp({ app: { id: app.id, version: app.version, graphs: app.graphs } });
  const shape = new AppShape(graphs, names);
  const sections = [
    section("topics", "What jobs take and give, by the topic that starts them.", shape.topics()),
    section("workers", "What workers receive and answer, by worker topic.", shape.workers()),
    section("signals", "What signals carry, by signal topic.", shape.signals()),
    section("publishes", "What subscribers hear, by the topic it is published on.", shape.publishes()),
  ];
  const head = printDoc(`The app ${id}, version ${version}, as its graphs describe it. Written by HotMesh.`, 0);
  const body = printType({ kind: "record", members: sections, index: null, isBlock: true }, 0);
  return [`${head}export interface ${name} ${body}\n`, ...declarations(names)].join("\n");
}

function section(name: string, doc: string, members: readonly Member[]): Member {
  return { name, doc, isOptional: false, type: { kind: "record", members, index: null, isBlock: true } };
}

/** The named types. Each may name more: the list grows while it is walked. */
function declarations(names: TypeNames): readonly string[] {
  const texts: string[] = [];
  for (const { name, schema, home } of names.named) {
    const start = `export type ${name} =`;
    const type = printType(schemaType(schema, home, names), 0, start.length + 1);
    texts.push(`${printDoc(docOf(schema), 0)}${start}${type.startsWith("\n") ? "" : " "}${type};\n`);
  }
  return texts;
}

/** Reads what an app takes and gives from its graphs. */
class AppShape {
  private readonly graphs: readonly GraphModel[];
  private readonly names: TypeNames;

  constructor(graphs: readonly GraphModel[], names: TypeNames) {
    this.graphs = graphs;
    this.names = names;
  }

  topics(): readonly Member[] {
    return this.graphs.flatMap((graph) =>
      graph.topic === null ? [] : [entry(graph.topic, this.traffic(graph.topic, [graph.body]), docOf(graph.body))],
    );
  }

  workers(): readonly Member[] {
    const workers = this.graphs.flatMap(({ activities }) => activities.filter(({ type }) => type === "worker"));
    return grouped(workers, (worker) => literalTopic(worker)).map(([topic, activities]) => {
      const bodies = activities.map(({ body }) => body);
      return entry(topic, this.traffic(topic, bodies), activities.length === 1 ? docOf(activities[0]?.body) : "");
    });
  }

  signals(): readonly Member[] {
    const waits = this.graphs.flatMap(({ rules, byId }) =>
      rules.flatMap(({ topic, to }) => {
        const hook = byId.get(to ?? "");
        return hook?.type === "hook" ? [{ topic, schema: signalSchema(hook.body) }] : [];
      }),
    );
    return grouped(waits, ({ topic }) => topic).map(([topic, of]) =>
      entry(
        topic,
        union(of.map(({ schema }) => this.mapType(schema, `${topic} signal`))),
        of.length === 1 ? docOf(of[0]?.schema) : "",
      ),
    );
  }

  publishes(): readonly Member[] {
    return grouped(this.graphs, ({ body }) => textOf(member(body, "publishes"))).map(([topic, graphs]) =>
      entry(topic, union(graphs.map((graph) => this.side(graph.body, "output", graph.topic ?? topic))), ""),
    );
  }

  private traffic(topic: string, bodies: readonly JsonObject[]): TsType {
    const members = (["input", "output"] as const).map((key) => {
      const schemas = bodies.map((body) => memberAt(body, [key, "schema"]));
      const type = union(bodies.map((body) => this.side(body, key, topic)));
      return entry(key, type, schemas.length === 1 ? docOf(schemas[0]) : "");
    });
    return { kind: "record", members, index: null, isBlock: true };
  }

  private side(body: JsonObject, key: "input" | "output", topic: string): TsType {
    return this.mapType(memberAt(body, [key, "schema"]), `${topic} ${key}`);
  }

  /** Payloads and documents are maps, even where nothing more is known of them. */
  private mapType(schema: Json | undefined, owner: string): TsType {
    const type = schemaType(schema, { root: schema ?? true, owner: typeName(owner) }, this.names);
    return isWord(type, "unknown") ? anyRecord : type;
  }
}

function entry(name: string, type: TsType, doc: string): Member {
  return { name, type, doc, isOptional: false };
}

/** Topics that are computed have no types: which they are is known only when a job runs. */
function literalTopic({ body }: ActivityModel): string | null {
  const topic = textOf(member(body, "topic") ?? member(body, "subtype"));
  return topic === null || isBraced(topic) ? null : topic;
}

/** The schema stands under `hook`; some write `hook: { schema }`, as everywhere else. */
function signalSchema(body: JsonObject): Json | undefined {
  const hook = member(body, "hook");
  const inner = member(hook, "schema");
  return isJsonObject(inner) || typeof inner === "boolean" ? inner : hook;
}

/** Items by their key, in the order the keys are first met; without those that have none. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string | null): readonly (readonly [string, T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return [...groups];
}
