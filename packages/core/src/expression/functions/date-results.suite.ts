// Prints what everything that has to do with dates gives in this process, a line each: all mapping vectors, all
// examples of docstrings, and the random calls of a seed. The test of zones runs it in other zones and on other
// versions of Node.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outcome, randomDateCalls } from "../../testing/date-calls.js";
import { readDocstrings } from "../../testing/docstrings.js";
import { runVector, type Vector, vectorInputs } from "../../testing/vector.js";
import { snapshot } from "../../testing/vector-coding.js";

const [, , seed = "dates", count = "4000"] = process.argv;
const functions = import.meta.dirname;

const file = join(functions, "../../testing/spec/pipe-vectors.json");
const vectors: readonly Vector[] = JSON.parse(readFileSync(file, "utf8"));
const ofVectors = vectors
  // Platforms may differ in the last digit of what is approximate.
  .filter(({ approx }) => approx === undefined)
  .map((vector) => `${vector.id} -> ${vectorOutcome(vector)}`);

const ofExamples = readdirSync(functions)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .flatMap((file) => readDocstrings(file, readFileSync(join(functions, file), "utf8")))
  .flatMap(({ name, examples }) => examples.map(({ text, inputs }) => `${name} ${text} => ${outcome(name, inputs)}`));

function vectorOutcome(vector: Vector): string {
  try {
    return snapshot(runVector(vector, vectorInputs(vector)));
  } catch {
    return "throws";
  }
}

console.log(JSON.stringify([...ofVectors, ...ofExamples, ...randomDateCalls(seed, Number(count))]));
