import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { LiveView } from '../../../framework/report/live-view.ts'
import { NOW, problemContext, style } from './fixture.ts'

/** A terminal of a certain width: it breaks long lines, moves up and erases below, and nothing more. */
class Terminal {
  rows: string[] = ['']
  columns: number
  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    for (const piece of text.match(/\x1b\[\d*[A-Za-z]|[^\x1b]/g) ?? []) {
      if (piece.startsWith('\x1b[') && piece.endsWith('A')) this.row -= Number(piece.slice(2, -1))
      else if (piece === '\x1b[J') this.rows = [...this.rows.slice(0, this.row), '']
      else if (piece === '\r') this.rows[this.row] ??= ''
      else if (piece === '\n') this.down()
      else if (!piece.startsWith('\x1b')) {
        if ((this.rows[this.row] ?? '').length >= this.columns) this.down()
        this.rows[this.row] += piece
      }
    }
  }

  row = 0
  down(): void {
    this.row += 1
    this.rows[this.row] ??= ''
  }

  /** A narrower window wraps the existing lines again, as terminals do. */
  resize(columns: number): void {
    this.columns = columns
    const broken = this.rows
      .slice(0, -1)
      .flatMap((row) => row.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    this.rows = [...broken, this.rows.at(-1) ?? '']
    this.row = this.rows.length - 1
  }

  get text(): string {
    return this.rows.join('\n')
  }
}

function stage(columns = 80) {
  const terminal = new Terminal(columns)
  let now = NOW
  let call: (() => void) | null = null
  const view = new LiveView(
    {
      write: (text) => terminal.write(text),
      columns: () => terminal.columns,
      now: () => now,
      later: (_, next) => {
        call = next
        return () => {
          call = null
        }
      },
    },
    () => ({ ...problemContext(), style: style({ columns: terminal.columns, now }) }),
  )
  const pass = (milliseconds: number) => {
    now += milliseconds
    const due = call
    call = null
    due?.()
  }
  return { terminal, view, pass, waits: () => call !== null }
}

const started: RunEvent = { event: 'run_started', run: 42, target: 'local', at: NOW, steps: 3 }
const start = (asset: string): RunEvent => ({
  event: 'step_started',
  asset,
  reasons: [],
  batch: 1,
  phase: 'running',
})
const built = (asset: string): RunEvent => ({
  event: 'step_finished',
  asset,
  action: 'build',
  outcome: { state: 'built', version: 'c:1', rows: 14_597 },
  seconds: 3.2,
})
const ended: RunEvent = {
  event: 'run_finished',
  run: 42,
  outcome: 'succeeded',
  counts: { ...NO_OUTCOMES, built: 1 },
  seconds: 4,
}

test('finished steps scroll up above the running ones', () => {
  const { terminal, view, pass } = stage()
  view.take(started)
  view.take(start('raw_payment'))
  view.take(start('raw_film'))
  view.take({
    event: 'step_progress',
    asset: 'raw_film',
    phase: 'reading',
    message: '500 of\n1,000 rows\u001b[2J',
  })
  pass(1500)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '  raw_payment   1.5 s',
      '  raw_film      1.5 s  500 of 1,000 rows',
      '0/3 steps  1.5 s',
      '',
    ].join('\n'),
  )
  view.take(built('raw_payment'))
  view.take({ event: 'notice', message: 'waiting for a lock' })
  pass(1000)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '07:00:31  built      raw_payment                   14,597 rows  3.2 s',
      '07:00:31  waiting for a lock',
      '  raw_film      2.5 s  500 of 1,000 rows',
      '1/3 steps  2.5 s  1 built',
      '',
    ].join('\n'),
  )
})

test('at the end only the log is left and no timer runs', () => {
  const { terminal, view, pass, waits } = stage()
  for (const event of [started, start('raw_payment')]) view.take(event)
  pass(100)
  for (const event of [built('raw_payment'), ended]) view.take(event)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '07:00:30  built      raw_payment                   14,597 rows  3.2 s',
      '',
    ].join('\n'),
  )
  expect(waits()).toBe(false)
  view.end()
  expect(terminal.rows).toHaveLength(3)
})

test('a narrower window leaves no parts of wrapped lines', () => {
  const { terminal, view, pass } = stage(60)
  view.take(started)
  view.take(start('a_table_with_a_long_name_raw'))
  view.take({
    event: 'step_progress',
    asset: 'a_table_with_a_long_name_raw',
    phase: 'reading',
    message: 'x'.repeat(200),
  })
  pass(100)
  expect(terminal.rows.every((row) => row.length <= 59)).toBe(true)
  terminal.resize(25)
  pass(100)
  view.take(ended)
  expect(terminal.rows.filter((row) => row.includes('a_table') || row.includes('xxx'))).toEqual([])
})

test('many events cause one redraw, and many running steps are counted', () => {
  const written: string[] = []
  let due: (() => void) | null = null
  const view = new LiveView(
    {
      write: (text) => void written.push(text),
      columns: () => 80,
      now: () => NOW,
      later: (_, next) => {
        due = next
        return () => undefined
      },
    },
    () => ({ ...problemContext(), style: style({ columns: 80 }) }),
  )
  view.take(started)
  for (let k = 0; k < 1000; k++) view.take(start(`asset_${k}`))
  expect(written).toEqual([])
  ;(due as (() => void) | null)?.()
  expect(written).toHaveLength(1)
  const lines = stripVTControlCharacters(written[0] ?? '').split('\n')
  expect(lines).toHaveLength(1 + 6 + 1 + 1 + 1)
  expect(lines[7]).toBe('  … 994 more running')
})
