import { expect, test } from 'vitest'
import type { Problem } from '../../../framework/model/problem.ts'
import { problemsJson } from '../../../framework/report/json.ts'
import { problemsText } from '../../../framework/report/problem.ts'
import { createStyle } from '../../../framework/report/style.ts'
import { golden, pages, problemContext } from './fixture.ts'

const unknown: Problem = {
  code: 'unknown-dependency',
  message: 'fact_payment depends on stg_paymnt, which is no asset',
  at: { file: 'assets/marts.yaml', line: 3, column: 25, endLine: 3, endColumn: 35 },
  hint: 'did you mean stg_payment?',
  asset: 'fact_payment',
}

const cycle: Problem = {
  code: 'cycle',
  message: 'a depends on itself: a → b → a',
  at: { file: 'assets/marts.yaml', line: 1, column: 1 },
  related: [
    {
      message: 'b depends on a',
      at: { file: 'assets/marts.yaml', line: 2, column: 1, endLine: 2, endColumn: 8 },
    },
    { message: 'c depends on b', at: { file: 'assets/gone.yaml', line: 9, column: 2 } },
  ],
}

const tab: Problem = {
  code: 'yaml-syntax',
  message: 'tabs can not indent',
  at: { file: 'assets/marts.yaml', line: 4, column: 1, endLine: 9, endColumn: 1 },
}

const far: Problem = {
  code: 'wrong-type',
  message: 'project must be a name',
  at: { file: 'assets.yaml', line: 2, column: 311, endLine: 2, endColumn: 314 },
}

const outside: Problem = {
  code: 'dbt-failed',
  message: 'stg_payment failed\u001b[2J',
  detail: 'Binder Error:\r\n\u001b[31m  column amuont\u001b[0m\n\nLINE 3\u0007',
}

const pointer: Problem = {
  code: 'unknown-stream',
  message: 'the source has no table paymnt',
  at: { file: 'assets/raw.yaml', path: ['assets', 'raw_payment', 'stream'] },
}

const expression: Problem = {
  code: 'unknown-asset',
  message: 'no asset is named fact_paymnt',
  at: { file: '<selection>', line: 1, column: 2, endLine: 1, endColumn: 13 },
  detail: '+fact_paymnt\n ^^^^^^^^^^^',
  hint: 'did you mean fact_payment?',
}

const all = [outside, unknown, tab, cycle, pointer, far, expression]

test('problems as text', async () => {
  const context = problemContext()
  await expect(
    pages({
      'with its line and caret': problemsText([unknown], context),
      'every edge of a cycle': problemsText([cycle], context),
      'several, by file and position': problemsText(all, context),
      'a place far to the right on a narrow terminal': problemsText(
        [far],
        problemContext({ columns: 60 }),
      ),
      'within a selection': problemsText([expression], context),
      'a warning': problemsText([unknown], { ...context, level: 'warning' }),
    }),
  ).toMatchFileSnapshot(golden('problems'))
})

test('problems as JSON, in the same order', async () => {
  await expect(`${JSON.stringify(problemsJson(all), null, 2)}\n`).toMatchFileSnapshot(
    golden('problems-json'),
  )
})

test('of very many problems the first hundred are shown, and all are counted', () => {
  const many = Array.from({ length: 250 }, (_, k) => ({
    ...unknown,
    at: { file: 'assets/marts.yaml', line: 250 - k, column: 1 },
  }))
  const text = problemsText(many, problemContext())
  expect(text.match(/^assets.*$/gm)).toHaveLength(100)
  expect(text).toContain('marts.yaml:100:1')
  expect(text).not.toContain('marts.yaml:101:1')
  expect(text.split('\n').at(-1)).toBe('250 problems; the first 100 are shown')
})

test('control characters of messages are removed', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(problemsText(all, problemContext())).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
})

test('colours follow NO_COLOR, FORCE_COLOR and the terminal', () => {
  const colored = (isTTY: boolean, env: Record<string, string>) => {
    const style = createStyle({ isTTY, columns: 80, env, now: 0, zone: 'UTC', all: false })
    return problemsText([unknown], { ...problemContext(), style }).includes('\u001b[')
  }
  expect(colored(true, {})).toBe(true)
  expect(colored(false, {})).toBe(false)
  expect(colored(true, { NO_COLOR: '1' })).toBe(false)
  expect(colored(true, { NO_COLOR: '' })).toBe(true)
  expect(colored(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(colored(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  expect(colored(true, { FORCE_COLOR: '0' })).toBe(false)
  expect(colored(true, { TERM: 'dumb' })).toBe(false)
})

test('the commands of a hint are typed as this one was', () => {
  const problem: Problem = {
    code: 'unknown-asset',
    message: 'no asset is named assets why',
    hint: 'list all names: assets list',
  }
  const context = problemContext()
  const npx = { ...context, style: { ...context.style, calledAs: 'npx assets' } }
  expect(problemsText([problem], npx)).toBe(
    'error  no asset is named assets why\n  hint: list all names: npx assets list',
  )
  expect(problemsText([problem], context)).toContain('hint: list all names: assets list')
  // A document is the same however the command was called.
  expect(JSON.stringify(problemsJson([problem]))).toContain('list all names: assets list')
})
