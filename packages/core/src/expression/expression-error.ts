/** Keys and row numbers from the root of the evaluated value: `["total", "@pipe", 1]`. */
export type Place = readonly (string | number)[];

const MESSAGE_MAX = 500;

/**
 * An evaluation threw. The message is that of the cause, with the place in the value added, so that a caller only has
 * to say which activity and which property it evaluated.
 */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly place: Place;

  constructor(cause: unknown, place: Place) {
    const full = cause instanceof Error ? cause.message : String(cause);
    // Platforms quote what they refuse, and a text that they refuse can have millions of units.
    const message = full.length > MESSAGE_MAX ? `${full.slice(0, MESSAGE_MAX)}…` : full;
    super(place.length === 0 ? message : `${message} (at ${placeText(place)})`, { cause });
    this.place = place;
  }
}

/** `total["@pipe"][1]`: keys that are no plain words are quoted, numbers are in brackets. */
export function placeText(place: Place): string {
  let text = "";
  for (const step of place) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
