import { availableParallelism } from 'node:os'
import { Helper } from './helper-client.ts'
import { type Ended, type Program, runProgram } from './run-program.ts'

/** From here on helpers are worth their start: some 50 ms, and the memory of a bare Node. */
const MANY = 12
/**
 * Starting a program keeps a helper from starting another, so that two get ahead side by side, where
 * there are processors for both beside the journal's own.
 */
const HELPERS = availableParallelism() > 2 ? 2 : 1

/** Runs programs: the first few from here, and once they are many, through helpers. */
export class Programs {
  #started = 0
  readonly #helpers: Helper[] = []

  run(program: Program): Promise<Ended> {
    this.#started += 1
    if (this.#started === MANY) {
      for (let n = 0; n < HELPERS; n++) this.#helpers.push(new Helper(program))
    }
    const [helper] = this.#helpers
      .filter((one) => one.takes(program))
      .toSorted((a, b) => a.busy - b.busy)
    return helper === undefined ? runProgram(program) : helper.run(program)
  }

  close(): void {
    for (const helper of this.#helpers.splice(0)) helper.close()
  }
}
