/** A law that a run has broken. The name of the law is stable: tests and people look for it. */
export class Violation extends Error {
  readonly law: string;
  readonly detail: string;

  constructor(law: string, detail: string) {
    super(`${law}: ${detail}`);
    this.law = law;
    this.detail = detail;
  }
}
