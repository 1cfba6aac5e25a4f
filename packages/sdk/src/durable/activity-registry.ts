/** What an activity is: any function. */
export type Activity = (...given: never[]) => unknown;

const registered = new Map<string, Activity>();

/**
 * Makes functions known to the activity workers of this process, by their own names; under its key, where another
 * function has the name.
 */
export function registerActivities(activities: object): void {
  for (const [key, activity] of Object.entries(activities)) {
    if (!isActivity(activity)) continue;
    const name = activity.name === "" ? key : activity.name;
    const holder = registered.get(name);
    registered.set(holder === undefined || holder === activity ? name : key, activity);
  }
}

/** The function that was registered under the name; undefined: none. */
export function activityNamed(name: string): Activity | undefined {
  return registered.get(name);
}

/** Forgets all of them. For tests. */
export function clearActivities(): void {
  registered.clear();
}

function isActivity(value: unknown): value is Activity {
  return typeof value === "function";
}
