import { expect, test } from 'vitest'
import type { Leftover } from '../../framework/model/record.ts'
import { fatesOf, type LeftoverWorld } from '../../framework/plan/leftovers.ts'

/** What becomes of something that asset `f` left, proved to be ours and read by no view. */
function fateAt(place: string) {
  const record = { asset: 'f', run: 1, shape: null, installed: null, inputs: [] }
  const leftover = { is: 'relation', place, asset: 'f', run: 2, accumulates: 'no', record }
  const found = { state: 'present', kind: 'view', isAsRecorded: true, views: [] } as const
  const world = {
    graph: { indexOf: () => undefined, assetCount: 0 },
    parts: { definitions: new Map() },
    state: { records: new Map(), leftovers: new Map() },
  }
  const facts = {
    world,
    found: new Map([[`relation ${place}`, found]]),
    ofOtherTargets: new Set(),
    isReplaced: () => false,
  } as unknown as LeftoverWorld
  return fatesOf([leftover as unknown as Leftover], facts)[0]?.fate
}

test('a function that moved is named and never dropped, a view is dropped', () => {
  expect(fateAt('main.old')).toEqual({ fate: 'drop', kind: 'view' })
  expect(fateAt('main.old()')).toEqual({
    fate: 'keep',
    because: 'nobody can tell what calls a function',
  })
})
