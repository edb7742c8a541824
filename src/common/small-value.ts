/** Whether the JSON text of `value` can have at most `limit` characters; looks at no more than that. */
export function isSmall(value: unknown, limit: number): boolean {
  return remaining(value, limit) >= 0;
}

/** Freezes `value` and everything it holds. */
export function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !Object.isFrozen(child)) {
      deepFreeze(child as object);
    }
  }
  return Object.freeze(value);
}

/** What is left of `budget` after the shortest text that `value` can have. */
function remaining(value: unknown, budget: number): number {
  if (typeof value === 'string') return budget - value.length - 2;
  if (typeof value !== 'object' || value === null) return budget - 1;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i += 1) left = remaining(value[i], left);
    return left;
  }
  // bodies come from JSON.parse and queries from the parser: every enumerable key is their own
  for (const key in value) {
    if (left < 0) return left;
    left = remaining((value as Record<string, unknown>)[key], left - key.length - 3);
  }
  return left;
}
