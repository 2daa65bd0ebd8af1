import { bad, factOf, type HealthFact } from '../model/health-fact.ts'
import { type Problem, ProblemError } from '../model/problem.ts'
import type { Examination } from '../ports/health.ts'
import type { Examined } from '../report/doctor.ts'
import type { Context } from './context.ts'

/** Something to be examined. `begin` may throw a `ProblemError`; `signal` tells when it is given up. */
export interface Subject {
  /** `warehouse`, `connection dvd_rental`. */
  readonly about: string
  readonly begin: (signal: AbortSignal) => Promise<readonly Examination[]>
}

export interface Outcome extends Examined {
  /** Declarations that can't be right. */
  readonly mistakes: readonly Problem[]
}

/** How long one examination may last before the others are not kept waiting, in milliseconds. */
const DEADLINE = 10_000

/** Examines everything at once, each to its own end or deadline, in the order given. Never throws. */
export async function examineAll(
  subjects: readonly Subject[],
  context: Pick<Context, 'later' | 'signal'>,
): Promise<readonly Outcome[]> {
  const outcomes = subjects.map(async ({ about, begin }) => {
    const giveUp = new AbortController()
    const signal = AbortSignal.any([context.signal, giveUp.signal])
    const cancel = context.later(DEADLINE, () => giveUp.abort())
    try {
      const examinations = await begin(signal)
      return await Promise.all(
        examinations.map(({ part, facts }) =>
          collect(part === null ? about : `${about}, ${part}`, facts, signal),
        ),
      )
    } catch (error) {
      return [failed(about, [], error)]
    } finally {
      cancel()
    }
  })
  return (await Promise.all(outcomes)).flat()
}

/** The facts of one examination, as far as they come. */
async function collect(
  about: string,
  facts: AsyncIterable<HealthFact>,
  signal: AbortSignal,
): Promise<Outcome> {
  const found: HealthFact[] = []
  const read = async (): Promise<Outcome> => {
    try {
      for await (const fact of facts) found.push(fact)
      return { about, facts: found, mistakes: [] }
    } catch (error) {
      return failed(about, found, error)
    }
  }
  return Promise.race([read(), silence(about, found, signal)])
}

/** Resolves when nobody waits any more, with what was found by then. */
function silence(
  about: string,
  found: readonly HealthFact[],
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = () => {
      const why = `no answer within ${DEADLINE / 1000} s`
      const last = bad('access', why, 'is it up, and does the network let this machine in?')
      resolve({ about, facts: [...found, last], mistakes: [] })
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function failed(about: string, found: readonly HealthFact[], error: unknown): Outcome {
  if (error instanceof ProblemError) {
    const { problems } = error
    const facts = [...found, ...problems.map((problem) => factOf('access', problem))]
    return { about, facts, mistakes: problems.filter(({ mistake }) => mistake === true) }
  }
  const told = error instanceof Error ? error.message : String(error)
  const bug = bad('access', `could not be examined: ${told}`, 'this is a bug in assets: report it')
  return { about, facts: [...found, bug], mistakes: [] }
}
