import { openPostgres } from "@hotmesh/store-postgres";
import { expect } from "vitest";
import { CompileError, type ErrorKind } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import { orchard } from "./orchard-document.js";

const twoMistakes = (app: string): string => `
app:
  id: ${app}
  version: '2'
  graphs:
    - subscribes: tree.plant
      activities:
        planted: { type: trigger }
        grown: { type: nothing }
      transitions:
        planted: [ { to: nowhere } ]
`;

const broken = {
  type: CompileError,
  kind: "compile-failed" as ErrorKind,
  message: /^the document has \d problems\n {2}\d+:\d+ [\w-]+ at .*nothing[\s\S]*\n {2}\d+:\d+ [\w-]+ at .*nowhere/,
  fields: { problems: expect.any(Array), warnings: [] },
};

export const versionCases: readonly ErrorCase[] = [
  {
    name: "deploy of a document with mistakes",
    ...broken,
    provoke: ({ mesh }) => mesh.deploy(twoMistakes(mesh.appId)),
  },
  { name: "plan of a document with mistakes", ...broken, provoke: ({ mesh }) => mesh.plan(twoMistakes(mesh.appId)) },
  {
    name: "deploy of a document of another app",
    type: CompileError,
    kind: "compile-failed",
    message:
      "the document has 1 problem\n  3:7 app-mismatch at app.id: the document is for the app grove, " +
      "and the connected app is APP (write id: APP, or connect as grove)",
    provoke: ({ mesh }) => mesh.deploy(orchard("grove")),
  },
  {
    name: "deploy of what is no document",
    type: CompileError,
    kind: "compile-failed",
    message: /^the document has 1 problem\n {2}1:1 \S+ at .*: .+/,
    provoke: ({ mesh }) => mesh.deploy("no/such/file.yaml"),
  },
  {
    name: "deploy of what is no text",
    kind: "invalid-argument",
    message: "the document is object; expected the path of a file, a URL, or YAML",
    provoke: ({ mesh }) => mesh.deploy(Object({ app: {} })),
  },
  {
    name: "deploy from a URL at which nobody answers",
    kind: "invalid-argument",
    message: /^the document could not be read from its URL: fetch failed/,
    provoke: ({ mesh }) => mesh.deploy("http://localhost:1/orchard.yaml"),
  },
  {
    name: "deploy of another document under the active version",
    kind: "version-active",
    message: "Version 1 of app APP is active; raise app.version to deploy a change",
    provoke: ({ mesh }) => mesh.deploy(orchard(mesh.appId).replace("expire: 60", "expire: 61")),
  },
  {
    name: "activate of a version that was not deployed",
    kind: "version-not-found",
    message: "Version 9 does not exist for app APP",
    provoke: ({ mesh }) => mesh.activate("9"),
  },
  {
    name: "activate when the head-counts do not agree",
    kind: "quorum-not-reached",
    message: "Quorum not reached. Version 2 not activated.",
    provoke: async (scene) => {
      const appId = scene.newApp();
      const opened = await openPostgres({ connection: scene.url, appId });
      // A network that carries nothing: the pings are not even heard by who sends them.
      const sub: typeof opened.sub = {
        publish: async () => {},
        subscribe: async () => nothing,
        onGap: () => nothing,
      };
      const mesh = await scene.join({ appId, engine: { backend: { ...opened, sub } } });
      await mesh.deploy(orchard(appId, "2"));
      return mesh.activate("2", 5).finally(async () => {
        await mesh.stop();
        await opened.close();
      });
    },
  },
];

const nothing = { close: async () => {} };
