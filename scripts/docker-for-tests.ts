import { existsSync } from "node:fs";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

/** A server for the tests: where it came from, and how to be rid of it. */
export interface TestServer {
  readonly origin: string;
  readonly url: string;
  stop(): Promise<void>;
}

const image = "postgres:18";
const pingMs = 2_000;
const startMs = 180_000;

/** Whether an engine answers. The command `docker` proves nothing: it is often there without an engine. */
export async function dockerAnswers(): Promise<boolean> {
  const answers = await Promise.all(endpoints().map(ping));

  return answers.includes(true);
}

/** Starts Postgres in a container, which testcontainers removes even when this process is killed. */
export async function startInDocker(settings: Readonly<Record<string, string>>): Promise<TestServer> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const starting = new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: "hotmesh" })
    .withExposedPorts(5432)
    .withCommand(["postgres", ...flags])
    // The image starts Postgres twice: once to set it up, then for good.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .withStartupTimeout(startMs)
    .start();
  const container = await within(starting, startMs);

  const url = `postgresql://postgres:hotmesh@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return {
    origin: `${image} in Docker`,
    url,
    stop: async () => void (await container.stop()),
  };
}

/** Pulling an image has no limit of its own. */
async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${ms} ms`)), ms);
  });

  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

function endpoints(): readonly Endpoint[] {
  const given = process.env["DOCKER_HOST"];
  if (given?.startsWith("unix://")) return [{ socketPath: given.slice("unix://".length) }];
  if (given?.startsWith("tcp://")) {
    const { hostname, port } = new URL(given);
    return [{ host: hostname, port: Number(port || 2375) }];
  }
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const sockets = ["/var/run/docker.sock", join(homedir(), ".docker", "run", "docker.sock")];
  if (runtime) sockets.push(join(runtime, "docker.sock"));
  return sockets.filter((path) => existsSync(path)).map((socketPath) => ({ socketPath }));
}

function ping(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ ...endpoint, path: "/_ping", timeout: pingMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.once("error", () => resolve(false));
    call.once("timeout", () => call.destroy(new Error("no answer")));
    call.end();
  });
}
