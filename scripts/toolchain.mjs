// What `npm start` and `npm test` share: plain JavaScript without dependencies, because nothing may be installed yet.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const own = join(root, ".hotmesh");
const pnpmVersion = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.split("@")[1];
const isWindows = process.platform === "win32";

/**
 * The environment of every tool that we start. What tools like to keep in the home folder goes into the checkout;
 * the user's own configuration of the registry, ~/.npmrc, is still read.
 */
export function environment() {
  return {
    ...process.env,
    npm_config_cache: join(own, "npm"),
    npm_config_logs_max: "0",
    npm_config_update_notifier: "false",
    npm_config_manage_package_manager_versions: "false",
    npm_config_cache_dir: join(own, "pnpm-cache"),
    npm_config_state_dir: join(own, "pnpm-state"),
    npm_config_store_dir: storeDir(),
    PNPM_HOME: join(own, "pnpm-home"),
    COREPACK_HOME: join(own, "corepack"),
    COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
    XDG_CACHE_HOME: join(own, "cache"),
    XDG_DATA_HOME: join(own, "data"),
    XDG_STATE_HOME: join(own, "state"),
    TURBO_CONFIG_DIR_PATH: join(own, "turbo"),
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
  };
}

/** The store that node_modules was linked from, for pnpm refuses to change it; ours when there is none yet. */
function storeDir() {
  try {
    const modules = readFileSync(join(root, "node_modules", ".modules.yaml"), "utf8");
    const found = /^\s*"?storeDir"?:\s*"?([^",\n]+)"?/m.exec(modules);
    // pnpm adds the version of its layout to the folder that it is given.
    if (found?.[1]) return found[1].replace(/[\\/]v\d+$/, "");
  } catch {
    // Nothing is installed.
  }
  return join(own, "pnpm-store");
}

/** The environment again, with a pnpm of the right major in front of the path: turbo looks for it there. */
export function environmentWithPnpm() {
  const env = environment();
  const present = spawnSync("pnpm", ["--version"], { cwd: root, env, encoding: "utf8", shell: isWindows });
  if (present.status === 0 && present.stdout.trim().split(".")[0] === pnpmVersion.split(".")[0]) return env;

  const arguments_ = ["exec", "--yes", `--package=pnpm@${pnpmVersion}`, "--", "node", "-p", "process.env.PATH"];
  const fetched = spawnSync("npm", arguments_, { cwd: root, env, encoding: "utf8", shell: isWindows });
  if (fetched.status !== 0) throw new Error(`npm could not fetch pnpm ${pnpmVersion}:\n${fetched.stderr}`);
  const path = fetched.stdout.trim().split("\n").at(-1) ?? "";
  return { ...env, PATH: path, Path: path };
}

/** Installs what the lock file names, unless that is what was installed last. */
export async function install() {
  const stamp = join(root, "node_modules", ".hotmesh-installed");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  console.log("Installing dependencies");
  // CI: pnpm asks no questions then.
  const ended = await run("pnpm", ["install", "--frozen-lockfile"], { env: { ...environmentWithPnpm(), CI: "true" } });
  if (ended !== 0) throw new Error(`pnpm install ended with ${ended}`);
  writeFileSync(stamp, wanted);
}

/** Changes when another installation is needed. */
function fingerprint() {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  const manifests = ["", ...folders].map((folder) => join(root, folder, "package.json"));
  const files = [join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml"), ...manifests];
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${root}`);
  for (const file of files.filter((path) => existsSync(path))) hash.update(readFileSync(file));

  return hash.digest("hex");
}

const running = new Set();
let stoppedBy = null;

/**
 * Runs a program to its end and returns its exit code. Each gets a process group of its own, so that Ctrl-C reaches
 * it once, from us, whether it came from a terminal or from `kill`.
 */
export function run(file, arguments_, options = {}) {
  if (stoppedBy !== null) return Promise.resolve(130);
  return new Promise((resolve) => {
    const defaults = { cwd: root, stdio: ["ignore", "inherit", "inherit"], detached: !isWindows, shell: isWindows };
    const child = spawn(file, arguments_, { ...defaults, ...options });
    running.add(child);
    const over = (code) => {
      running.delete(child);
      resolve(code);
    };
    child.once("error", (error) => {
      console.error(error.message);
      over(127);
    });
    child.once("exit", (code) => over(stoppedBy === null ? (code ?? 1) : 130));
  });
}

/** Whether we were asked to stop. */
export function isStopped() {
  return stoppedBy !== null;
}

/** The file that a package of node_modules runs for the command of the given name. */
export function tool(packageName, command = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

function stop(signal) {
  const isRepeated = stoppedBy !== null;
  stoppedBy = signal;
  for (const child of running) send(child, isRepeated ? "SIGKILL" : signal);
  // A program that does not listen does not get to stay.
  setTimeout(() => {
    for (const child of running) send(child, "SIGKILL");
  }, 10_000).unref();
}

function send(child, signal) {
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(signal));
