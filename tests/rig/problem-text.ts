import type { Problem, Result } from '../../framework/model/problem.ts'
import { problemsText } from '../../framework/report/problem.ts'
import { createStyle } from '../../framework/report/style.ts'

/** As in a file: no colours, no width, nothing of this machine. */
export const plainStyle = createStyle({
  isTTY: false,
  columns: undefined,
  env: {},
  now: 0,
  zone: 'UTC',
  all: false,
})

/** Each problem with its code, as a person sees it. */
export function textWithCodes(problems: readonly (Problem | null)[]): string {
  const texts = problems.map((problem) => {
    if (problem === null) throw new Error('there is no problem')
    const text = problemsText([problem], { style: plainStyle, level: 'error', source: () => null })
    return `# [${problem.code}]${problem.transient ? ' may pass' : ''}\n${text}`
  })
  return `${texts.join('\n\n')}\n`
}

export const problemsOf = (...results: readonly Result<unknown>[]): readonly Problem[] =>
  results.flatMap((result) => (result.ok ? [] : result.problems))

/** An error with what an outside library adds to it. */
export const failure = (message: string, more: object = {}): Error =>
  Object.assign(new Error(message), more)
