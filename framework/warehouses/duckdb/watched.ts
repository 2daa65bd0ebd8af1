import type { DuckdbConnection } from '../../engines/duckdb/engine.ts'

/** Milliseconds between two looks at a running statement. */
const INTERVAL_MS = 250

/** Runs work on a connection, and tells from time to time how much of its statement is done. */
export async function watched<T>(
  progress: DuckdbConnection['progress'],
  onShare: (share: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => {
    const share = progress()
    if (share !== null) onShare(share)
  }, INTERVAL_MS)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
