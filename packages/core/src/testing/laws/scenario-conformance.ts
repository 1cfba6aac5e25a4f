import { expect, test } from "vitest";
import { parse } from "yaml";
import { instant } from "../../brand.js";
import { compileText } from "../../compile/compile.js";
import { payloadCheck } from "../../document/json-schema.js";
import type { Plan } from "../../plan/plan.js";
import type { Backend } from "../../ports/backend.js";
import { BackendHost } from "../backend-host.js";
import { PureHost } from "../pure-host.js";
import { playScenario, type Scenario, type ScenarioHost, scenariosOf } from "../scenario.js";
import type { TestClock } from "../test-clock.js";

/** A scenario file and what it refers to. */
export interface ScenarioFile {
  readonly name: string;
  readonly text: string;
  /** Reads a document that the file names, `spec/examples.yaml`. */
  readonly document: (name: string) => string;
}

/** A fresh, empty backend for one scenario. */
export interface ScenarioBackend<Tx> {
  readonly backend: Backend<Tx>;
  readonly clock: TestClock;
  /** Closes what was opened for it. */
  close(): Promise<void>;
}

/** Every scenario of the file ends as it states when it is decided purely, without any storage. */
export function pureScenarios(file: ScenarioFile): void {
  play(file, "decided purely", async (scenario, plan, playOn) => {
    await playOn(new PureHost(scenario, plan, { now: instant(1_780_000_000_000), violations: payloadCheck }));
  });
}

/** Every scenario of the file ends on the backend as it states. `open` gives an empty app of the given id. */
export function scenarioConformance<Tx>(
  file: ScenarioFile,
  options: { readonly name: string; readonly open: () => Promise<ScenarioBackend<Tx>> },
): void {
  play(file, `on ${options.name}`, async (scenario, plan, playOn) => {
    const opened = await options.open();
    try {
      await playOn(await BackendHost.open(scenario, plan, { ...opened, violations: payloadCheck }));
    } finally {
      await opened.close();
    }
  });
}

const plans = new Map<string, Plan>();

type Run = (scenario: Scenario, plan: Plan, playOn: (host: ScenarioHost) => Promise<void>) => Promise<void>;

function play(file: ScenarioFile, where: string, run: Run): void {
  for (const scenario of scenariosOf(parse(file.text))) {
    test(`${file.name}: ${scenario.name} ends as stated, ${where}`, async () => {
      const { document } = scenario;
      const text = document.includes("\n") ? document : file.document(document);
      const plan = plans.get(text) ?? compileText(text).plan;
      plans.set(text, plan);

      await run(scenario, plan, async (host) => {
        for (const { step, expected, found } of await playScenario(scenario, host)) {
          expect(found, JSON.stringify(step)).toEqual(expected);
        }
      });
    });
  }
}
