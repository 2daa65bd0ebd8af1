import type { OnWait } from '../ports/batch.ts'
import type { Context } from './context.ts'

/** A silence that is longer than this looks like a hang, in milliseconds. */
const SLOW_MS = 1_000

/**
 * Does work outside a run. Once it has taken more than a second, `notice` says what it waits for, such as
 * `dbt: reading the project …`, and says so again when that changes.
 */
export async function tellIfSlow<T>(
  { later, slowAfter = SLOW_MS }: Pick<Context, 'later' | 'slowAfter'>,
  notice: (message: string) => void,
  work: (onWait: OnWait) => Promise<T>,
): Promise<T> {
  let now: string | null = null
  let isSlow = false
  const tell = () => {
    if (isSlow && now !== null) notice(`${now} …`)
  }
  const cancel = later(slowAfter, () => {
    isSlow = true
    tell()
  })
  try {
    return await work((message) => {
      if (message === now) return
      now = message
      tell()
    })
  } finally {
    isSlow = false
    cancel()
  }
}
