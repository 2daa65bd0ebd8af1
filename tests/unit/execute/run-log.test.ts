import { expect, test } from 'vitest'
import { RunLog } from '../../../framework/execute/run-log.ts'
import type { RunEvent } from '../../../framework/model/event.ts'

/** What the state is given: events in order, and how far the run is after each of them that says so. */
function logOf(...events: readonly RunEvent[]) {
  const logged: unknown[] = []
  const progress: unknown[] = []
  const log = new RunLog(
    {
      note(event, now) {
        if (event !== null) logged.push(JSON.parse(event.text))
        if (now !== null) progress.push(JSON.parse(now.text))
      },
    },
    () => 0,
  )
  for (const event of events) log.take(event)
  return { logged, progress }
}

const waits = (batch: number, message: string | null): RunEvent => ({
  event: 'batch_progress',
  batch,
  message,
})

test('what a call waits for is kept as it is now, and what the run waited for at first also in the log', () => {
  const reading = waits(0, 'dbt: reading the project')
  const job = waits(2, 'Airbyte job 9123')
  expect(logOf(reading, job, waits(0, null), waits(2, null))).toEqual({
    logged: [reading, waits(0, null)],
    progress: [[reading], [reading, job], [job], []],
  })
})
