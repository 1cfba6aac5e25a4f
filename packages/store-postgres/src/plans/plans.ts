import {
  type Activation,
  canonicalJson,
  HotMeshError,
  invariant,
  type Plan,
  type PlanId,
  type VersionRecord,
} from "@hotmesh/core";
import { sql } from "kysely";
import type { Database, Run } from "../connection/database.js";
import { instantOr, listOf, type QueryBuilder, statementOf } from "../schema/query-builder.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface PlansOptions {
  readonly database: Database;
  /** The name of the schema, not quoted: locks are named after it. */
  readonly name: string;
  readonly builder: QueryBuilder;
  readonly clock: DatabaseClock;
}

/** Versions of the app, their plans, and which one is active. */
export class Plans {
  readonly #options: PlansOptions;

  constructor(options: PlansOptions) {
    this.#options = options;
  }

  deploy(plan: Plan): Promise<"stored" | "unchanged" | "version-active"> {
    const { builder, database } = this.#options;
    const { id, version } = plan;
    const document = canonicalJson(plan);
    return database.transaction(async (run) => {
      // One deployment or activation at a time. Steps do not wait for this.
      const app = builder.selectFrom("app").select("version").where("one", "=", true).forUpdate();
      const [active] = await listOf(run, app);
      const named = builder.selectFrom("version").select("plan").where("version", "=", version);
      const [before] = await listOf(run, named);
      const twin = builder.selectFrom("plan").select("id").where("id", "=", id);
      const differs = twin.where(sql<string>`document::text`, "<>", document);
      invariant((await listOf(run, differs)).length === 0, `two plans have the id ${id}`);
      if (before?.plan === id) return "unchanged";
      if (before !== undefined && active?.version === version) return "version-active";
      await this.#store(run, plan, document);
      return "stored";
    });
  }

  async #store(run: Run, { id, version }: Plan, document: string): Promise<void> {
    const { builder, clock } = this.#options;
    const now = instantOr(clock.parameter());
    const row = { id, version, document: sql<Plan>`${document}::json`, created_at: now };
    const stored = builder.insertInto("plan").values(row);
    await run(statementOf(stored.onConflict((conflict) => conflict.column("id").doNothing())));
    await run(statementOf(builder.deleteFrom("version").where("version", "=", version)));
    await run(statementOf(builder.insertInto("version").values({ version, plan: id, deployed_at: now })));
  }

  async loadPlans(ids: ReadonlySet<PlanId>): Promise<ReadonlyMap<PlanId, Plan>> {
    if (ids.size === 0) return new Map();
    const { builder } = this.#options;
    const query = builder
      .selectFrom("plan")
      .select("document")
      .where("id", "in", [...ids]);
    const plans = await listOf(this.#run, query);
    return new Map(plans.map(({ document }) => [document.id, document]));
  }

  versions(): Promise<readonly VersionRecord[]> {
    const { builder } = this.#options;
    const query = builder
      .selectFrom("version as v")
      .leftJoin("app as a", "a.version", "v.version")
      .select(["v.version", "v.plan", "v.deployed_at as deployedAt", "v.activated_at as activatedAt"])
      .select(
        sql<VersionRecord["status"]>`case when a.version is null then 'deployed' else 'activated' end`.as("status"),
      )
      .orderBy("v.sequence");
    return listOf(this.#run, query);
  }

  /** Waits for the steps that have read the activation: whoever saw the old version commits before the switch. */
  activate(version: string): Promise<Activation> {
    const { builder, clock, database, name } = this.#options;
    return database.transaction(async (run) => {
      const lock = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
      await run({ text: lock, values: [`${name} activation`] });
      await listOf(run, builder.selectFrom("app").select("one").forUpdate());
      const named = builder.selectFrom("version").select("plan").where("version", "=", version);
      const [deployed] = await listOf(run, named);
      if (deployed === undefined) throw new HotMeshError("version-not-found", `Version ${version} does not exist`);
      const switched = builder
        .updateTable("app")
        .set((app) => ({ version, plan: deployed.plan, epoch: app("epoch", "+", 1) }))
        .where("plan", "is distinct from", deployed.plan)
        .returning("one");
      if ((await run(statementOf(switched))).length > 0) {
        const dated = builder.updateTable("version").set({ activated_at: instantOr(clock.parameter()) });
        await run(statementOf(dated.where("version", "=", version)));
      }
      const activation = await this.#activation(run);
      invariant(activation !== null, `version ${version} is active by now`);
      return activation;
    });
  }

  activation(): Promise<Activation | null> {
    return this.#activation(this.#run);
  }

  async #activation(run: Run): Promise<Activation | null> {
    const { builder } = this.#options;
    const [app] = await listOf(run, builder.selectFrom("app").select(["version", "plan", "epoch"]));
    if (app === undefined || app.version === null || app.plan === null) return null;
    return { version: app.version, plan: app.plan, epoch: app.epoch };
  }

  readonly #run: Run = (statement) => this.#options.database.query(statement);
}
