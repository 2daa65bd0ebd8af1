/** What was counted in a soak, by cause. */
export class Tally {
  operations = 0
  refused = 0
  probes = 0
  loads = 0
  /** Streams that were proved unchanged without a look at their rows. */
  proved = 0
  /** Rows that a load from a cursor on can't see: late, updated below it, deleted. */
  unseen = 0
  /** Streams that were proved unchanged by a look at the versions of their rows, by what happened before. */
  readonly looks = new Map<string, number>()
  /** Streams that were loaded although nothing changed, by what the probe says. */
  readonly forNothing = new Map<string, number>()
  /** Problems of probes and loads, by code. */
  readonly problems = new Map<string, number>()

  count(map: Map<string, number>, cause: string): void {
    map.set(cause, (map.get(cause) ?? 0) + 1)
  }

  add(other: Tally): void {
    for (const key of ['operations', 'refused', 'probes', 'loads', 'proved', 'unseen'] as const) {
      this[key] += other[key]
    }
    for (const key of ['looks', 'forNothing', 'problems'] as const) {
      for (const [cause, times] of other[key]) {
        this[key].set(cause, (this[key].get(cause) ?? 0) + times)
      }
    }
  }
}
