import type { Problem, Result } from '../../framework/model/problem.ts'
import { problemsText } from '../../framework/report/problem.ts'
import { createStyle } from '../../framework/report/style.ts'

/** The style of output to a file: no colours, no width limit. */
export const plainStyle = createStyle({
  isTTY: false,
  columns: undefined,
  env: {},
  now: 0,
  zone: 'UTC',
  all: false,
})

/** Problems as the console prints them, each below its code. `may pass` marks transient ones. */
export function textWithCodes(problems: readonly (Problem | null)[]): string {
  const texts = problems.map((problem) => {
    if (problem === null) throw new Error('a problem was expected')
    const text = problemsText([problem], { style: plainStyle, level: 'error', source: () => null })
    return `# [${problem.code}]${problem.transient ? ' may pass' : ''}\n${text}`
  })
  return `${texts.join('\n\n')}\n`
}

/** The problems of failed results. */
export const problemsOf = (...results: readonly Result<unknown>[]): readonly Problem[] =>
  results.flatMap((result) => (result.ok ? [] : result.problems))

/** An error with the properties that a library or driver adds to it. */
export const failure = (message: string, more: object = {}): Error =>
  Object.assign(new Error(message), more)
