import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Client } from "pg";
import { losses } from "./conservation.js";

/** Where a life ends. */
export interface CrashPoint {
  readonly when: "before" | "sent" | "after";
  /** The number of the statement. */
  readonly statement: number;
}

/** What a life came to. */
interface Life {
  /** It was killed. */
  readonly died: boolean;
  readonly statements: number;
}

/** What was found when another process had gone on. */
export interface Aftermath {
  readonly point: CrashPoint;
  /** False: the life was over before that statement. */
  readonly reached: boolean;
  /** What is wrong; empty: nothing. */
  readonly wrong: readonly string[];
}

/** How lives are lived. */
export interface Lives {
  readonly program: string;
  readonly url: string;
}

const lifeMs = 60_000;

async function live({ program, url }: Lives, appId: string, point: CrashPoint | null): Promise<Life> {
  const when = point === null ? ["never"] : [point.when, String(point.statement)];
  const child: ChildProcess = fork(program, [url, appId, ...when], {
    env: { ...process.env, HMSH_RESERVATION_TIMEOUT_S: "1", HOTMESH_POSTGRES_FALLBACK_INTERVAL: "100" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (text) => (said += text));
  const told = { statements: 0 };
  child.on("message", (message: typeof told) => Object.assign(told, message));
  const timer = setTimeout(() => child.kill("SIGTERM"), lifeMs);
  const [code, signal] = await once(child, "exit");
  clearTimeout(timer);
  if (signal === "SIGKILL") return { died: true, statements: 0 };
  if (code !== 0) throw new Error(`a life in ${appId} ended with ${code ?? signal}: ${said}`);
  return { died: false, statements: told.statements };
}

/** How many statements a life has that nobody disturbs. */
export async function statementsOf(lives: Lives, appId: string): Promise<number> {
  return (await live(lives, appId, null)).statements;
}

/** Ends a life at a statement, has another process go on, and looks at what is there. */
export async function crashAt(lives: Lives, appId: string, point: CrashPoint): Promise<Aftermath> {
  const { died } = await live(lives, appId, point);
  await live(lives, appId, null);
  const client = new Client(lives.url);
  await client.connect();
  try {
    return { point, reached: died, wrong: await wrongs(client, appId) };
  } finally {
    await client.query(`drop schema if exists "${appId}" cascade`);
    await client.end();
  }
}

async function wrongs(client: Client, appId: string): Promise<readonly string[]> {
  const found = await losses(client, appId, ["order"]);
  const counted = Object.entries(found).flatMap(([what, count]) => (count > 0 ? [`${what}: ${count}`] : []));
  const { rows } = await client.query(
    `select count(*)::int as active from "${appId}".versions where status = 'activated'`,
  );
  return rows[0]?.active === 1 ? counted : [...counted, `${rows[0]?.active} active versions`];
}

/** Every point of so many statements. */
export function crashPoints(statements: number): readonly CrashPoint[] {
  const numbers = Array.from({ length: statements }, (_, index) => index + 1);
  return numbers.flatMap((statement) => (["before", "sent", "after"] as const).map((when) => ({ when, statement })));
}

/** Crashes at all these points, some at once. */
export async function crashEverywhere(
  lives: Lives,
  points: readonly CrashPoint[],
  { atOnce, name }: { readonly atOnce: number; readonly name: string },
): Promise<readonly Aftermath[]> {
  const left = points.entries();
  const found: Aftermath[] = [];
  const lane = async (): Promise<void> => {
    for (const [index, point] of left) found.push(await crashAt(lives, `${name}${index}`, point));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return found;
}
