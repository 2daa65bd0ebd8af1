import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { eventJson } from '../../../framework/report/event-json.ts'
import { eventLine } from '../../../framework/report/run-log.ts'
import { plainStyle } from '../../rig/problem-text.ts'

const started: RunEvent = { event: 'run_started', run: 12, target: 'prod', at: 0, steps: 17 }
const place = 'Snowflake myorg-account / DVD_RENTAL as ASSETS_ROLE'
const line = (event: RunEvent) =>
  eventLine(event, { style: plainStyle, level: 'error', source: () => null })

test('the first line of a run names the destination of its target', () => {
  expect(line(started)).toMatch(/ {2}run 12 on prod: 17 steps$/)
  expect(line({ ...started, place })).toMatch(
    / {2}run 12 on prod \(Snowflake .* as ASSETS_ROLE\): 17 steps$/,
  )
  expect(JSON.parse(eventJson({ ...started, place }))).toMatchObject({ target: 'prod', place })
  expect(JSON.parse(eventJson(started))).not.toHaveProperty('place')
})
