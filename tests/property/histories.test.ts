import fc from 'fast-check'
import { test } from 'vitest'
import { declare, stories } from './arbitrary.ts'
import { History } from './history.ts'

const runs = Number(process.env.ASSETS_HISTORIES ?? 300)
const seed = Number(process.env.ASSETS_SEED ?? 4)

test('random histories go as the reference says', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const history = new History()
      declare(history.project, story)
      for (const command of story.commands) await history.apply(command)
      await history.apply({
        do: 'materialize',
        select: null,
        only: false,
        exclude: null,
        mark: null,
      })
    }),
    { seed, numRuns: runs },
  )
}, 600_000)
