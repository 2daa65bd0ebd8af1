import fc from 'fast-check'
import { test } from 'vitest'
import { stories } from './arbitrary.ts'
import { play } from './history.ts'

// `npm run mutants` breaks one rule at a time and says which test notices.

const histories = Number(process.env.ASSETS_HISTORIES ?? 1_000)
const seed = Number(process.env.ASSETS_SEED ?? 4)

test(`${histories} random histories go as the reference says`, async () => {
  await fc.assert(fc.asyncProperty(stories, play), { seed, numRuns: histories })
}, 600_000)
