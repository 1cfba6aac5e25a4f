import { Client } from "pg";
import { HotMesh } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

/** A role for the topic that the app of the scene presses fruit on. */
async function provisioned(scene: ErrorScene, ...streamNames: readonly string[]): Promise<string> {
  const { roleName } = await HotMesh.provisionWorkerRole({ ...rolesOf(scene), streamNames, password: "sesame" });
  scene.roles.add(roleName);
  return roleName;
}

const rolesOf = ({ url, appId }: ErrorScene) => ({ connection: url, namespace: appId });

export const roleCases: readonly ErrorCase[] = [
  {
    name: "provisionWorkerRole without a stream",
    kind: "invalid-argument",
    message: "streamNames must be a list of at least one topic",
    provoke: (scene) => HotMesh.provisionWorkerRole({ ...rolesOf(scene), streamNames: [] }),
  },
  {
    name: "provisionWorkerRole for an app that is not there",
    kind: "app-not-found",
    message: "schema nobody has no app, or an earlier one; init an engine or call DBA.deploy first",
    provoke: ({ url }) => HotMesh.provisionWorkerRole({ connection: url, namespace: "nobody", streamNames: ["t"] }),
  },
  {
    name: "provisionWorkerRole with the name of a role that may do more",
    kind: "role-exists",
    message: /^role \S+ exists, and may do more than a worker role; drop it, or take its other rights from it$/,
    provoke: async (scene) => {
      const role = await provisioned(scene, "fruit.dry");
      await scene.sql(`alter role "${role}" createdb`);
      await provisioned(scene, "fruit.dry");
    },
  },
  {
    name: "rotateWorkerPassword of a role that is not there",
    kind: "role-not-found",
    message: "nobody is no worker role of APP, or it is revoked; listWorkerRoles tells which there are",
    provoke: (scene) => HotMesh.rotateWorkerPassword({ ...rolesOf(scene), roleName: "nobody" }),
  },
  {
    name: "init of a worker whose role may not work on its topic",
    kind: "forbidden",
    message:
      /^topic fruit\.press, schema \S+: worker role \S+ may not work on stream fruit\.press; provisionWorkerRole /,
    provoke: async (scene) => {
      const user = await provisioned(scene, "fruit.boil");
      const [worker] = scene.workers;
      const { host, port, database } = new Client({ connectionString: scene.url });
      const connection = { class: Client, options: { host, port, database } };
      const workers = [{ topic: "fruit.press", callback: async () => {}, ...worker, connection }];
      const workerCredentials = { user, password: "sesame" };
      return HotMesh.init({
        appId: scene.appId,
        logLevel: "silent",
        workers: workers.map((one) => ({ ...one, workerCredentials })),
      });
    },
  },
];
