import { readdirSync, readFileSync } from "node:fs";
import { pureScenarios, type ScenarioFile, scenarioConformance } from "./laws/scenario-conformance.js";
import { memoryBackend } from "./memory/backend.js";
import { TestClock } from "./test-clock.js";

const here = new URL(".", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, here), "utf8");
const files: readonly ScenarioFile[] = readdirSync(new URL("scenarios/", here))
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => ({ name, text: read(`scenarios/${name}`), document: read }));

for (const file of files) {
  pureScenarios(file);
  scenarioConformance(file, {
    name: "memory",
    open: async () => {
      const clock = new TestClock();
      const backend = memoryBackend({ clock });
      return { backend, clock, close: () => backend.close() };
    },
  });
}
