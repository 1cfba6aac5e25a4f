/** Tells a callback that its answer does not count any more. Costs nothing while the callback does not ask. */
export class Abandonment {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  /** Fires with the reason. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== null && !this.#controller.signal.aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Only the first reason counts. */
  tell(reason: Error): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
