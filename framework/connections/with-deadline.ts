import type { Timers } from './timers.ts'

/** No answer, or the connection broke during it. */
export interface NoAnswer {
  readonly got: 'nothing'
  readonly message: string
}

/**
 * Makes one call over HTTP and never throws: an error of axios holds the headers and body of its request, with their
 * secrets, so only its code and message leave this function. `timeout`: milliseconds until the answer must be complete.
 */
export async function withDeadline<T>(
  timers: Timers,
  { timeout, signal }: { readonly timeout: number; readonly signal?: AbortSignal | undefined },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T | NoAnswer> {
  const cut = new AbortController()
  const cancel = timers.later(timeout, () => cut.abort())
  try {
    return await call(signal === undefined ? cut.signal : AbortSignal.any([signal, cut.signal]))
  } catch (error) {
    if (cut.signal.aborted) {
      return { got: 'nothing', message: `no answer within ${Math.round(timeout / 1000)} s` }
    }
    const { code, message } = error as { readonly code?: string; readonly message: string }
    const parts = [code, message].filter((part) => part !== undefined && part !== '')
    return { got: 'nothing', message: [...new Set(parts)].join(': ') }
  } finally {
    cancel()
  }
}
