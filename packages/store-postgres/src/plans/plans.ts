import {
  type Activation,
  canonicalJson,
  HotMeshError,
  invariant,
  type Plan,
  type PlanId,
  type VersionRecord,
} from "@hotmesh/core";
import type { Database, Run, Statement } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface PlansOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly clock: DatabaseClock;
}

type Deployed = "stored" | "unchanged" | "version-active" | "plan-differs";

/** Versions of the app, their plans, and which one is active. */
export class Plans {
  readonly #options: PlansOptions;

  constructor(options: PlansOptions) {
    this.#options = options;
  }

  async deploy(plan: Plan): Promise<"stored" | "unchanged" | "version-active"> {
    const { schema, clock } = this.#options;
    const document = canonicalJson(plan);
    const statement = callOf(schema, "deploy", plan.id, plan.version, document, clock.parameter());
    const { outcome } = await call<{ readonly outcome: Deployed }>(this.#run, statement);
    invariant(outcome !== "plan-differs", `two plans have the id ${plan.id}`);
    return outcome;
  }

  async loadPlans(ids: ReadonlySet<PlanId>): Promise<ReadonlyMap<PlanId, Plan>> {
    if (ids.size === 0) return new Map();
    const plans = await this.#list<Plan>({
      text: `select coalesce(json_agg(p.document), '[]')::text as result from ${this.#options.schema}.plan as p
        where p.id = any($1)`,
      values: [[...ids]],
    });
    return new Map(plans.map((plan) => [plan.id, plan]));
  }

  versions(): Promise<readonly VersionRecord[]> {
    const { schema } = this.#options;
    return this.#list<VersionRecord>({
      text: `select coalesce(json_agg(json_build_object(
          'version', v.version,
          'plan', v.plan,
          'status', case when a.version is null then 'deployed' else 'activated' end,
          'deployedAt', v.deployed_at,
          'activatedAt', v.activated_at
        ) order by v.sequence), '[]')::text as result
        from ${schema}.version as v
        left join ${schema}.app as a on a.version = v.version`,
      values: [],
    });
  }

  async activate(version: string): Promise<Activation> {
    const { schema, clock } = this.#options;
    const statement = callOf(schema, "activate", version, clock.parameter());
    const { activation } = await call<{ readonly activation: Activation | null }>(this.#run, statement);
    if (activation === null) throw new HotMeshError("version-not-found", 404, `Version ${version} does not exist`);
    return activation;
  }

  async activation(): Promise<Activation | null> {
    const [activation] = await this.#list<Activation>({
      text: `select coalesce(json_agg(json_build_object('version', a.version, 'plan', a.plan, 'epoch', a.epoch)), '[]')::text
        as result from ${this.#options.schema}.app as a where a.version is not null`,
      values: [],
    });
    return activation ?? null;
  }

  readonly #run: Run = (statement) => this.#options.database.query(statement);

  #list<T>(statement: Statement): Promise<readonly T[]> {
    return call<readonly T[]>(this.#run, statement);
  }
}
