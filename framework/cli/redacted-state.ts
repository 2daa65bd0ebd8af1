import { createRedactor } from '../lib/redact.ts'
import type { Problem } from '../model/problem.ts'
import type { Change, Lease, State } from '../ports/state.ts'

/**
 * Wraps a state so that it never stores a secret. Messages can quote a driver or a program, so secrets
 * are removed from them: those that are known when it is written. Versions, tokens and names contain none and are unchanged.
 */
export function redactedState(state: State, secrets: () => readonly string[]): State {
  let known: readonly string[] = []
  let redactor = createRedactor(known)
  const redact = (text: string) => {
    const now = secrets()
    if (now !== known) redactor = createRedactor(now)
    known = now
    return redactor(text)
  }
  return {
    ...state,
    async acquire(request) {
      const result = await state.acquire(request)
      return result.ok && !result.value.busy
        ? { ok: true, value: redactedLease(result.value, redact) }
        : result
    },
  }
}

function redactedLease(lease: Lease, redact: (text: string) => string): Lease {
  return {
    busy: false,
    run: lease.run,
    write: (changes) => lease.write(changes.map((change) => redactChange(change, redact))),
    // A replaced secret leaves JSON as JSON.
    note: (event, progress) =>
      lease.note(
        event === null ? null : { ...event, text: redact(event.text) },
        progress === null ? null : { ...progress, text: redact(progress.text) },
      ),
    release: (end) => lease.release(end),
  }
}

function redactChange(change: Change, redact: (text: string) => string): Change {
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
          problem: problem === null ? null : redactProblem(problem, redact),
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
    case 'left':
    case 'not_left':
      return change
  }
}

function redactProblem(problem: Problem, redact: (text: string) => string): Problem {
  const { message, detail, hint } = problem
  return {
    ...problem,
    message: redact(message),
    ...(detail === undefined ? {} : { detail: redact(detail) }),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  }
}
