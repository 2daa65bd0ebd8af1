import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CommandsPlace } from './commands-place.ts'
import { crashAt } from './crash-points.ts'
import { race } from './crowd.ts'
import { DbtPlace } from './dbt-place.ts'
import type { KillPlace } from './place.ts'
import { play } from './play.ts'
import { SourcePlace } from './source-place.ts'

// Commands are killed at random moments and at their writes to the state, and many run at once. `npm run soak:kill`
// does it for as long as one likes. Processes are found in /proc.

/** Kills in all places together. */
const KILLS = Number(process.env.ASSETS_KILLS ?? 40)
const SEED = Number(process.env.ASSETS_SEED ?? 1)

const PLACES: readonly (readonly [string, () => Promise<KillPlace>, number])[] = [
  ['programs', () => CommandsPlace.create('file'), 0.5],
  ['programs, with the state on a server', () => CommandsPlace.create('server'), 0.2],
  ['a PostgreSQL source', () => SourcePlace.create(), 0.25],
  ['dbt', () => DbtPlace.shop(), 0.05],
]

describe.skipIf(process.platform !== 'linux')('killed at random (needs Linux)', () => {
  // They mostly wait.
  describe.concurrent.each(PLACES)('%s', (_, create, share) => {
    let place: KillPlace
    beforeAll(async () => {
      place = await create()
    })
    afterAll(() => place.close())

    test('the same command finishes, repeats nothing and leaves nothing', async () => {
      for (let seed = SEED, kills = 0; kills < KILLS * share; seed++) {
        const { killed, violations } = await play(place, seed)
        expect(violations, `seed ${seed}: ${killed.join(', ')}`).toEqual([])
        kills += killed.length
      }
    }, 600_000)
  })
})

describe.skipIf(process.platform !== 'linux')('many programs (needs Linux)', () => {
  let place: KillPlace
  beforeAll(async () => {
    place = await CommandsPlace.create('file')
  })
  afterAll(() => place.close())

  test('killed at a write to the state, before or after its commit', async () => {
    let crashes = 0
    for (let write = 1 + (SEED % 7); ; write += 7) {
      const when = write % 2 === 0 ? 'before' : 'after'
      const round = await crashAt(place, { write, when }, SEED)
      if (round === null) break
      expect(round.violations, `${when} write ${write}`).toEqual([])
      crashes += 1
    }
    expect(crashes).toBeGreaterThan(4)
  }, 600_000)

  test.each([
    ['all of which end', 2],
    ['some of which are killed', 1],
  ])('started by twenty commands at once, %s: each program runs once', async (_, seed) => {
    expect(await race(place, 20, seed)).toMatchObject({ violations: [] })
  })
})
