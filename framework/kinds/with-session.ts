import { fail, ok, ProblemError, type Result } from '../model/problem.ts'
import type { Session, Warehouse } from '../ports/warehouse.ts'

/**
 * Opens a session of the warehouse, calls `use`, and always closes the session. Problems: those of
 * `Warehouse.open`, and those that a session throws, for example when `inspect` loses its connection.
 */
export async function withSession<T>(
  warehouse: Warehouse,
  use: (session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<Result<T>> {
  const session = await warehouse.open(signal)
  if (!session.ok) return session
  try {
    return ok(await use(session.value))
  } catch (error) {
    if (error instanceof ProblemError) return fail(...error.problems)
    throw error
  } finally {
    await session.value.close()
  }
}
