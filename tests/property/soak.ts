import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { stories } from './arbitrary.ts'
import { play } from './history.ts'

/**
 * Runs any number of random histories: `npm run soak -- --histories 100000 [--seed 7]`. Every thousand
 * has its own seed. A violation prints the seed, which replays it:
 * `ASSETS_SEED=<seed> npx vitest run tests/property/histories.test.ts`.
 */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const wanted = Number(values.histories)
const chunk = Math.min(wanted, 1_000)
const started = Date.now()
let violations = 0

for (let done = 0; done < wanted; done += chunk) {
  const seed = Number(values.seed) + done / chunk
  const result = await fc.check(fc.asyncProperty(stories, play), { seed, numRuns: chunk })
  if (result.failed) {
    violations += 1
    console.log(`seed ${seed}: ${String(result.errorInstance)}`)
    console.log(JSON.stringify(result.counterexample))
  }
  const seconds = Math.round((Date.now() - started) / 1000)
  console.log(`${done + chunk} histories, ${violations} violations, ${seconds} s`)
}
process.exitCode = violations > 0 ? 1 : 0
