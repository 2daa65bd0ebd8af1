import type { Result } from '../model/problem.ts'

/** The store of secrets that `${secret:NAME#key}` in a target reads from. */
export interface Secrets {
  /**
   * The whole text of one secret. Problems: it is missing, access is denied, there are no credentials,
   * the store does not answer. They have no location and contain no value.
   */
  read(name: string): Promise<Result<string>>
}
