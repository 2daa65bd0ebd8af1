import { fail, ok, ProblemError, type Result } from '../model/problem.ts'
import type { Session, Warehouse } from '../ports/warehouse.ts'

/**
 * Uses a session of the warehouse and closes it, however that ends. Problems: those of
 * `Warehouse.open`, and those that a session has to throw, as a lost connection under `inspect`.
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
