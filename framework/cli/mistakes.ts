import { joinLeftOut, type LeftOut, mayFollowFrom, NOTHING_LEFT_OUT } from '../config/index.ts'
import type { Problem } from '../model/problem.ts'

/**
 * The mistakes of a project, for a command that goes on with what is sound of it, to name all of them at once
 * (law 8). A problem that may only follow from another one is dropped, and so is one that is known.
 */
export class Mistakes {
  /** False if dbt's project is to be read and was not, so that names may be those of its nodes. */
  isDbtRead = true
  #leftOut: LeftOut = NOTHING_LEFT_OUT
  readonly #problems = new Map<string, Problem>()

  /** What the project lacks that is examined. */
  get leftOut(): LeftOut {
    return this.#leftOut
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.values()]
  }

  /** Problems because of which something is left out of the project. */
  leaveOut(problems: readonly Problem[], leftOut: LeftOut): void {
    this.#leftOut = joinLeftOut([this.#leftOut, leftOut])
    this.#add(problems)
  }

  /** Problems of what is left. */
  add(problems: readonly Problem[]): void {
    this.#add(problems.filter((problem) => !mayFollowFrom(problem, this.#leftOut)))
  }

  /** Problems of selections of what is left. */
  addOfSelections(problems: readonly Problem[]): void {
    this.add(problems.filter(({ code }) => this.isDbtRead || code !== 'unknown-asset'))
  }

  #add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const { code, message, detail, at } = problem
      const key = JSON.stringify([code, message, detail, at])
      if (!this.#problems.has(key)) this.#problems.set(key, problem)
    }
  }
}
