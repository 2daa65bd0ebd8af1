/** Milliseconds from the epoch that a date can have. */
const FURTHEST = 8.64e15

/** Whether a value of a database or of JSON is a time. Text, null and numbers that no date has are damage. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= FURTHEST
}

/** The same value, if these of its keys are times. Throws a TypeError, which `decoded` reports as damage. */
export function withTimes<T>(value: T, keys: readonly (keyof T)[]): T {
  for (const key of keys) {
    if (!isTime(value[key])) throw new TypeError(`its ${String(key)} is not a time`)
  }
  return value
}
