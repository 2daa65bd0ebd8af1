import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'

/**
 * Shows a problem that several steps share, such as an unreachable source, in full at the first step
 * and in one line at the others.
 */
export function abbreviateRepeated(show: (event: RunEvent) => void): (event: RunEvent) => void {
  const shown = new Set<string>()
  const abbreviate = (problem: Problem): Problem => {
    const key = `${problem.code} ${problem.message} ${problem.detail ?? ''}`
    if (shown.has(key)) return { code: problem.code, message: problem.message }
    shown.add(key)
    return problem
  }
  return (event) => {
    if (event.event === 'problem') show({ ...event, problem: abbreviate(event.problem) })
    else if (event.event === 'step_finished' && event.outcome.state === 'failed') {
      const problem = abbreviate(event.outcome.problem)
      show({ ...event, outcome: { ...event.outcome, problem } })
    } else show(event)
  }
}
