import { expect, vi } from "vitest";
import { type ErrorKind, Errors, HotMeshError } from "../../index.js";
import type { ErrorScene } from "./error-scene.js";

/** One way to an error through the public API, and all that its receiver may rely on. */
export interface ErrorCase {
  /** What the caller does. */
  readonly name: string;
  readonly kind: ErrorKind;
  /** `HotMeshError` unless said otherwise. */
  readonly type?: new (
    ...parameters: never[]
  ) => HotMeshError;
  /** Its `name`; that of its class unless it tells of another error. */
  readonly called?: string;
  /** The whole message, or for what the surroundings say its pattern. `APP` stands for the id of the app. */
  readonly message: string | RegExp;
  /** That of the kind unless said otherwise. */
  readonly code?: number;
  /** What the class has besides. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Throws it, rejects with it, or resolves with it where it is not thrown. */
  readonly provoke: (scene: ErrorScene) => unknown;
}

/** Provokes the error and holds it to all that is said of it. */
export async function expectError(given: ErrorCase, scene: ErrorScene): Promise<void> {
  const { kind, message, type = HotMeshError } = given;

  const error = await provoked(given, scene);

  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(HotMeshError);
  if (!HotMeshError.is(error)) throw new Error("it has no mark");
  const { code, retryable } = Errors.errorKinds[kind];
  expect({ type: error.constructor, kind: error.kind, message: error.message }).toEqual({
    type,
    kind,
    message: typeof message === "string" ? message.replaceAll("APP", scene.appId) : expect.stringMatching(message),
  });
  expect({ name: error.name, code: error.code, retryable: error.retryable }).toEqual({
    name: given.called ?? type.name,
    code: given.code ?? code,
    retryable,
  });
  if (given.fields !== undefined) expect(error).toMatchObject(given.fields);
}

async function provoked({ provoke }: ErrorCase, scene: ErrorScene): Promise<unknown> {
  try {
    return await provoke(scene);
  } catch (thrown) {
    return thrown;
  }
}

/** The error in the line of the log about a job, as soon as it is there. */
export function logged(scene: ErrorScene, job: string, line: { readonly level: string; readonly message: string }) {
  return vi.waitFor((): unknown => {
    const found = scene.lines.find(({ message, meta }) => message === line.message && meta["job"] === job);
    expect(found).toMatchObject({ ...line, meta: { message: expect.any(String) } });
    return found?.meta["error"];
  }, 10_000);
}
