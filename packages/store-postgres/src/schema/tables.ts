import type { Instant, Json, JsonObject, MessageKey, Plan, PlanId } from "@hotmesh/core";
import type { Generated } from "kysely";
import type { CounterRow } from "../rows/counter-row.js";
import type { EscalationRow } from "../rows/escalation-row.js";
import type { JobRow } from "../rows/job-row.js";
import type { LeaseRow } from "../rows/message-row.js";
import type { PassRow } from "../rows/pass-row.js";

/** The base tables of an app, with values as they come in JSON, and without columns that only functions use. */
export interface Tables {
  readonly app: AppTable;
  readonly plan: PlanTable;
  readonly version: VersionTable;
  readonly job: JobRow;
  readonly activity: PassRow;
  readonly message: MessageTable;
  readonly failed_attempt: FailedAttemptTable;
  readonly hook: HookTable;
  readonly signal: SignalTable;
  readonly counter: CounterRow;
  readonly throttle: ThrottleTable;
  readonly member: MemberTable;
  readonly notice: NoticeTable;
  /** In schema public, shared by all apps. */
  readonly hmsh_escalations: EscalationTable;
}

/** One row: what is active. */
interface AppTable {
  readonly one: boolean;
  readonly version: string | null;
  readonly plan: PlanId | null;
  readonly epoch: number;
}

interface PlanTable {
  readonly id: PlanId;
  readonly version: string;
  readonly document: Plan;
  readonly created_at: Instant;
}

interface VersionTable {
  readonly version: string;
  readonly plan: PlanId;
  readonly sequence: Generated<number>;
  readonly deployed_at: Instant;
  readonly activated_at: Instant | null;
}

interface MessageTable extends LeaseRow {
  readonly topic: string | null;
  readonly visible_at: Instant;
  readonly input: Json;
  readonly lease_holder: string | null;
  readonly leased_at: Instant | null;
  readonly held: boolean;
  readonly parked_reason: string | null;
  readonly dead_lettered_at: Instant | null;
}

interface FailedAttemptTable {
  readonly key: MessageKey;
  readonly topic: string | null;
  readonly kind: string;
  readonly job_id: string | null;
  readonly generation: string | null;
  readonly path: string | null;
  readonly body: Json;
  readonly error: JsonObject;
  readonly attempt: number;
  readonly failed_at: Instant;
}

interface HookTable {
  readonly job_id: string;
  readonly path: string;
  readonly lookup: string;
  readonly generation: string;
  readonly topic: string;
  readonly signal_key: string;
  readonly opened_at: Instant;
  readonly timeout_at: Instant | null;
}

interface SignalTable {
  readonly lookup: string;
  readonly topic: string;
  readonly signal_key: string;
  readonly dispatch: string;
  readonly body: Json;
  readonly closes: boolean;
  readonly created_at: Instant;
  readonly keep_until: Instant;
}

interface EscalationTable extends Omit<EscalationRow, "expires_at" | "created_at" | "resolved_at"> {
  readonly id: string;
  readonly namespace: string;
  readonly app_id: string;
  readonly assigned_to: string | null;
  readonly assigned_until: Timestamp | null;
  readonly claimed_at: Timestamp | null;
  readonly claim_expires_at: Timestamp | null;
  readonly escalation_payload: Json;
  readonly created_by: string | null;
  readonly milestones: readonly JsonObject[];
  readonly task_id: string | null;
  readonly expires_at: Timestamp | null;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
  readonly resolved_at: Timestamp | null;
}

/** In the one table whose instants are no epoch milliseconds. */
type Timestamp = string;

interface ThrottleTable {
  readonly topic: string;
  readonly guid: string;
  readonly scope: string;
  readonly throttle: number;
  readonly created_at: Instant;
}

interface MemberTable {
  readonly guid: string;
  readonly role: string;
  readonly topic: string;
  readonly version: string | null;
  readonly connected_at: Instant;
  readonly seen_at: Instant;
}

interface NoticeTable {
  readonly id: string;
  readonly body: Json;
  readonly expires_at: Instant;
}
