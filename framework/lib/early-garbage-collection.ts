import { setFlagsFromString } from 'node:v8'

/** How much the heap may grow before a full collection, in percent of the live objects. V8 allows up to 300. */
const PERCENT = 25

let users = 0

/**
 * Runs work that streams much data and keeps little of it, with earlier garbage collections. By default V8
 * delays a full collection until the garbage is several times the live objects: half a gigabyte where a
 * tenth of that is enough (Node 20 and 22).
 */
export async function withEarlyCollection<T>(work: () => Promise<T>): Promise<T> {
  if (users++ === 0) setFlagsFromString(`--heap-growing-percent=${PERCENT}`)
  try {
    return await work()
  } finally {
    if (--users === 0) setFlagsFromString('--heap-growing-percent=0')
  }
}
