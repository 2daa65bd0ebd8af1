import { expect, test } from 'vitest'
import { verbs } from '../../../framework/cli/verbs/index.ts'
import { doctorReporter } from '../../../framework/report/doctor.ts'
import {
  asTyped,
  clip,
  displayWidth,
  listed,
  nameLines,
  printable,
  tally,
} from '../../../framework/report/text.ts'
import { ago, clockTime, dateTime, took } from '../../../framework/report/time.ts'
import { style } from './fixture.ts'

const at = (iso: string) => Date.parse(iso)

test('ages', () => {
  const now = at('2026-03-12T07:00:00Z')
  const before = (milliseconds: number) => ago(now - milliseconds, now)
  expect([0, 40_000, 300_000, 5 * 3_600_000, 47 * 3_600_000, 72 * 3_600_000].map(before)).toEqual([
    'just now',
    '40 s ago',
    '5 min ago',
    '5 h ago',
    '47 h ago',
    '3 d ago',
  ])
  // The clocks of two machines differ a little.
  expect(ago(now + 5000, now)).toBe('just now')
  expect(ago(now + 3_600_000, now)).toBe('dated in the future')
})

test('clock times by the calendar of the time zone', () => {
  const clock = (time: string, now: string, zone: string) =>
    clockTime(at(time), { now: at(now), zone })
  expect(clock('2026-03-12T02:00:12Z', '2026-03-12T07:00:00Z', 'UTC')).toBe('02:00:12')
  expect(clock('2026-03-11T02:00:31Z', '2026-03-12T07:00:00Z', 'UTC')).toBe('02:00:31 yesterday')
  expect(clock('2026-03-09T02:00:31Z', '2026-03-12T07:00:00Z', 'UTC')).toBe(
    '02:00:31 on 2026-03-09',
  )
  expect(clock('2026-03-12T02:00:00Z', '2026-03-12T07:00:00Z', 'America/New_York')).toBe(
    '22:00:00 yesterday',
  )
  expect(clock('2026-03-12T02:00:00Z', '2026-03-12T07:00:00Z', 'CET-1')).toBe('02:00:00')
  // The night of 29 March has 23 hours in Berlin.
  expect(clock('2026-03-28T23:30:00Z', '2026-03-29T21:00:00Z', 'Europe/Berlin')).toBe('00:30:00')
  expect(clock('2026-03-28T22:30:00Z', '2026-03-29T21:00:00Z', 'Europe/Berlin')).toBe(
    '23:30:00 yesterday',
  )
})

test("clock times of the machine's time zone equal those of the zone by name", () => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  for (const time of ['2026-01-02T03:04:05Z', '2026-07-31T23:59:59Z', '2026-03-29T01:30:00Z']) {
    expect(dateTime(at(time), null)).toBe(dateTime(at(time), own))
  }
})

test('durations', () => {
  expect([0, 0.04, 3.21, 9.96, 59.4, 59.6, 125, 4800].map(took)).toEqual([
    '0.0 s',
    '0.0 s',
    '3.2 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '2 min 5 s',
    '1 h 20 min',
  ])
})

test('display width, clipping and padding', () => {
  expect(displayWidth('plain')).toBe(5)
  expect(displayWidth('\u001b[31mred\u001b[0m')).toBe(3)
  expect(displayWidth('日本')).toBe(4)
  expect(displayWidth('e\u0301')).toBe(1)
  expect(clip('fact_payment', 12)).toBe('fact_payment')
  expect(clip('fact_payment', 8)).toBe('fact_pa…')
  expect(clip('日本語', 4)).toBe('日…')
  expect(clip('abc', 0)).toBe('')
})

test('control characters are removed', () => {
  expect(printable('a\u001b[2Jb\rc\u0007\u202e\td\r\ne')).toBe('abc\td\ne')
})

test('lists of names and counts', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
  expect(
    tally([
      [0, 'x'],
      [1234, 'y'],
      [2, 'z'],
    ]),
  ).toBe('1,234 y · 2 z')
  const names = Array.from({ length: 9 }, (_, k) => `name_${k}`)
  expect(nameLines(names, '  ', style({ columns: 40 }))).toEqual([
    '  name_0  name_1  … 7 more (--all)',
  ])
  expect(nameLines(names.slice(0, 4), '  ', style({ columns: 40 }))).toEqual([
    '  name_0  name_1  name_2  name_3',
  ])
  expect(nameLines(['x'.repeat(99)], '  ', style({ columns: 40 }))).toEqual([`  ${'x'.repeat(99)}`])
})

const npx = { ...style(), calledAs: 'npx assets' }

test.each(verbs.map(({ name }) => name))('a hint may suggest assets %s', (verb) => {
  expect(asTyped(`correct it, then: assets ${verb}`, npx)).toBe(
    `correct it, then: npx assets ${verb}`,
  )
})

test.each(['see assets --help', 'see assets why --help'])(
  'of the hint “%s” only the command changes',
  (hint) => {
    expect(asTyped(hint, npx)).toBe(hint.replace('assets', 'npx assets'))
  },
)

test.each([
  'run assets in the folder of a project',
  'make .assets/source a folder that this user may write to',
  'move it to my-assets list',
  '2 assets planned',
  'install the version of assets that wrote the state',
])('the hint “%s” has no command', (hint) => {
  expect(asTyped(hint, npx)).toBe(hint)
})

test('a fix of doctor is typed as the command was', () => {
  const facts = [
    { subject: 'source', state: 'bad', message: 'it changed', hint: 'run assets source reset' },
  ] as const
  const report = { project: 'shop', target: 'local', examined: [{ about: 'tool', facts }] }
  const text = doctorReporter.text(report, npx, () => null)
  expect(text).toContain('fix: run npx assets source reset')
  expect(text).not.toContain('next:')
})
