import { expect, test } from 'vitest'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { eventJson } from '../../../framework/report/event-json.ts'
import {
  type LeftoverLine,
  leftoverJson,
  leftoverSection,
} from '../../../framework/report/leftovers.ts'
import { runSummary } from '../../../framework/report/run-summary.ts'
import { style } from './fixture.ts'

const line = (asset: string, more: Partial<LeftoverLine> = {}): LeftoverLine => ({
  asset,
  is: 'relation',
  place: `main.${asset}`,
  belongsAt: `analytics.${asset}`,
  outcome: 'remains',
  because: null,
  ...more,
})

test('names the old place, the new one, and the command that drops what nothing reads', () => {
  const lines = [
    line('a'),
    line('fact_payment', { because: 'view bi.report may read it' }),
    line('gone', { belongsAt: null, outcome: 'will_drop' }),
  ]
  expect(leftoverSection(lines, style()).join('\n')).toBe(
    `at an old place
  main.a             remains: a belongs at analytics.a now; nothing reads it
  main.fact_payment  remains: fact_payment belongs at analytics.fact_payment now; view bi.report may read it
  main.gone          will be dropped: gone is no more in the project; nothing reads it
drop what nothing reads: assets materialize a --only --prune
--prune leaves the rest alone: remove it yourself if nobody needs it`,
  )
})

test('says nothing without such a place, and names no command when all is dropped', () => {
  expect(leftoverSection([], style())).toEqual([])
  expect(leftoverSection([line('a', { outcome: 'dropped' })], style()).slice(2)).toEqual([])
})

test('more than three assets need a command about everything', () => {
  const lines = ['a', 'b', 'c', 'd'].map((asset) => line(asset))
  expect(leftoverSection(lines.slice(1), style()).at(-1)).toContain(
    'materialize b c d --only --prune',
  )
  expect(leftoverSection(lines, style()).at(-1)).toContain('materialize --prune')
})

test('is shown at the end of a run, after the failed steps', () => {
  const counts = { ...NO_OUTCOMES, built: 1 }
  const event: Parameters<typeof runSummary>[0] = {
    ...{ event: 'run_finished', run: 3, outcome: 'succeeded', counts, seconds: 1 },
  }
  const end = {
    fresh: 0,
    selected: new Set<string>(),
    failed: [],
    problems: [],
    comments: [],
    leftovers: [line('a')],
  }
  expect(runSummary(event, end, style())).toContain('1 built\nat an old place\n  main.a')
})

test('as JSON, in a plan and as an event', () => {
  const kept = line('a', { because: 'external x names it' })
  expect(leftoverJson(kept)).toEqual({
    ...{ asset: 'a', is: 'relation', place: 'main.a', belongs_at: 'analytics.a' },
    ...{ outcome: 'remains', because: 'external x names it' },
  })
  const { outcome: _, ...fields } = kept
  const json = eventJson({ event: 'leftover', ...fields, outcome: 'dropped' })
  expect(JSON.parse(json)).toEqual({
    ...{ event: 'leftover', asset: 'a', is: 'relation', place: 'main.a' },
    ...{ belongs_at: 'analytics.a', outcome: 'dropped', because: 'external x names it' },
  })
})
