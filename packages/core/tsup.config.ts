import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    compiler: "src/compiler.ts",
    testing: "src/testing/index.ts",
    "testing-laws": "src/testing/laws/index.ts",
  },
  format: ["esm", "cjs"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "node20",
});
