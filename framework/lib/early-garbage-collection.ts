import { setFlagsFromString } from 'node:v8'

/** By how much the heap may outgrow what lived at the last collection; 0 leaves it to V8, which allows up to 300. */
const PERCENT = 25

let users = 0

/**
 * Does work through which much more passes than it keeps. V8 by itself waits with a full collection until
 * garbage is several times what lives: half a gigabyte where a tenth of that is needed (Node 20 and 22).
 */
export async function withEarlyCollection<T>(work: () => Promise<T>): Promise<T> {
  if (users++ === 0) setFlagsFromString(`--heap-growing-percent=${PERCENT}`)
  try {
    return await work()
  } finally {
    if (--users === 0) setFlagsFromString('--heap-growing-percent=0')
  }
}
