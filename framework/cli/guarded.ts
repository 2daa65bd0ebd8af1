import { createRedactor } from '../lib/redact.ts'
import type { Problem } from '../model/problem.ts'
import type { Change, Lease, State } from '../ports/state.ts'

/**
 * A state that no secret gets into: whatever a run writes down in words, which may quote a driver or a
 * program, goes through here. Versions, tokens and names are made by us and stay as they are.
 */
export function guarded(state: State, secrets: readonly string[]): State {
  if (secrets.length === 0) return state
  const redact = createRedactor(secrets)
  return {
    ...state,
    async acquire(request) {
      const got = await state.acquire(request)
      return got.ok && !got.value.busy ? { ok: true, value: guardedLease(got.value, redact) } : got
    },
  }
}

function guardedLease(lease: Lease, redact: (text: string) => string): Lease {
  return {
    busy: false,
    run: lease.run,
    write: (changes) => lease.write(changes.map((change) => clean(change, redact))),
    release: (end) => lease.release(end),
  }
}

function clean(change: Change, redact: (text: string) => string): Change {
  switch (change.change) {
    case 'failed':
      return { ...change, message: redact(change.message) }
    case 'checked': {
      const { message } = change.result
      if (message === null) return change
      return { ...change, result: { ...change.result, message: redact(message) } }
    }
    case 'step': {
      const { problem, note } = change.step
      return {
        ...change,
        step: {
          ...change.step,
          problem: problem === null ? null : cleanProblem(problem, redact),
          note: note === null ? null : redact(note),
        },
      }
    }
    case 'begin':
    case 'reference':
    case 'commit':
    case 'cancelled':
    case 'force':
    case 'remember':
    case 'position':
    case 'observed':
    case 'change_token':
      return change
  }
}

function cleanProblem(problem: Problem, redact: (text: string) => string): Problem {
  const { message, detail, hint } = problem
  return {
    ...problem,
    message: redact(message),
    ...(detail === undefined ? {} : { detail: redact(detail) }),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  }
}
