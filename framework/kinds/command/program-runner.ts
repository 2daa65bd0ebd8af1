import { availableParallelism } from 'node:os'
import { HelperClient } from './helper-client.ts'
import { type Program, type ProgramEnd, runProgram } from './run-program.ts'

/** From this many programs on, helpers are worth their start: 50 ms and the memory of a bare Node. */
const HELPER_THRESHOLD = 12
/**
 * A helper starts one program at a time. A second helper is faster only if there is a processor for
 * each of the two and one for the journal.
 */
const HELPER_COUNT = availableParallelism() > 2 ? 2 : 1

/** Runs the programs of one command line: the first few from this process, then through helpers. */
export class ProgramRunner {
  #started = 0
  readonly #helpers: HelperClient[] = []

  run(program: Program): Promise<ProgramEnd> {
    this.#started += 1
    if (this.#started === HELPER_THRESHOLD) {
      for (let n = 0; n < HELPER_COUNT; n++) this.#helpers.push(new HelperClient(program))
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
