import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const packages = ["packages/*/src/**", "apps/*/src/**", "scripts/**"];
const named = (suffix: string) => packages.map((root) => `${root}/*.${suffix}.ts`);
const costly = [...named("pg.test"), ...named("sim.test"), ...named("pack.test")];

export default defineConfig({
  test: {
    // Most tests wait for a server more than they compute, so two cores serve two workers well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: {
      provider: "v8",
      include: ["packages/core/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.suite.ts", "**/index.ts", "**/laws/**"],
      reporter: ["text-summary", "json-summary"],
      reportsDirectory: "coverage",
      thresholds: { lines: 95, statements: 95, functions: 95 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: named("test"),
          exclude: ["**/node_modules/**", ...costly],
          testTimeout: 30_000,
        },
      },
      { extends: true, test: { name: "sim", include: named("sim.test"), testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: "pg",
          include: named("pg.test"),
          globalSetup: ["scripts/postgres-for-tests.ts", "scripts/programs-for-tests.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: "pack", include: named("pack.test"), testTimeout: 300_000, hookTimeout: 300_000 },
      },
    ],
  },
});
