import type { Result } from '../model/problem.ts'

/** A store of secrets outside of the project, which `${secret:NAME#key}` in a target reads from. */
export interface Secrets {
  /**
   * The whole text of one secret. Problems, none of which has a place or holds a value: it is not
   * there, may not be read, nobody is logged in, the store does not answer.
   */
  read(name: string): Promise<Result<string>>
}
