import { bad, factOf, type HealthFact } from '../../../model/health-fact.ts'
import { type Problem, ProblemError } from '../../../model/problem.ts'
import type { Examination } from '../../../ports/health.ts'
import type { Examined } from '../../../report/doctor.ts'
import type { Context } from '../../context.ts'
import { systemProblem } from '../../system-problems.ts'

/** A thing to examine. `begin` may throw a `ProblemError`; `signal` aborts at the deadline. */
export interface Subject {
  /** `warehouse`, `connection dvd_rental`. */
  readonly about: string
  readonly begin: (signal: AbortSignal) => Promise<readonly Examination[]>
}

export interface ExaminedSubject extends Examined {
  /** Problems of the configuration. They make the exit code 2. */
  readonly mistakes: readonly Problem[]
}

/** The longest time for the examination of one subject, in milliseconds. */
const DEADLINE = 10_000

/** Examines all subjects at once, each until it ends or its deadline. Keeps their order. Never throws. */
export async function examineAll(
  subjects: readonly Subject[],
  context: Pick<Context, 'later' | 'signal'>,
): Promise<readonly ExaminedSubject[]> {
  const examined = subjects.map(async ({ about, begin }) => {
    const deadline = new AbortController()
    const signal = AbortSignal.any([context.signal, deadline.signal])
    const cancel = context.later(DEADLINE, () => deadline.abort())
    try {
      const examinations = await begin(signal)
      return await Promise.all(
        examinations.map(({ part, facts, isPatient }) =>
          collect(
            part === null ? about : `${about}, ${part}`,
            facts,
            isPatient ? context.signal : signal,
          ),
        ),
      )
    } catch (error) {
      return [failed(about, [], error)]
    } finally {
      cancel()
    }
  })
  return (await Promise.all(examined)).flat()
}

/** The facts of one examination; the facts so far when it fails or reaches its deadline. */
async function collect(
  about: string,
  facts: AsyncIterable<HealthFact>,
  signal: AbortSignal,
): Promise<ExaminedSubject> {
  const found: HealthFact[] = []
  const read = async (): Promise<ExaminedSubject> => {
    try {
      for await (const fact of facts) found.push(fact)
      return { about, facts: found, mistakes: [] }
    } catch (error) {
      return failed(about, found, error)
    }
  }
  return Promise.race([read(), timedOut(about, found, signal)])
}

/** Resolves when `signal` aborts, with the facts found so far. */
function timedOut(
  about: string,
  found: readonly HealthFact[],
  signal: AbortSignal,
): Promise<ExaminedSubject> {
  return new Promise((resolve) => {
    const end = () => {
      const message = `no answer within ${DEADLINE / 1000} s`
      const hint = 'check that it is running and that the network allows access from this machine'
      resolve({ about, facts: [...found, bad('access', message, hint)], mistakes: [] })
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function failed(about: string, found: readonly HealthFact[], error: unknown): ExaminedSubject {
  if (error instanceof ProblemError) {
    const { problems } = error
    const facts = [...found, ...problems.map((problem) => factOf('access', problem))]
    return { about, facts, mistakes: problems.filter(({ mistake }) => mistake === true) }
  }
  const problem = systemProblem(error)
  if (problem !== null) {
    return { about, facts: [...found, factOf('access', problem)], mistakes: [] }
  }
  const message = error instanceof Error ? error.message : String(error)
  const bug = bad('access', `examination failed: ${message}`, 'this is a bug in assets: report it')
  return { about, facts: [...found, bug], mistakes: [] }
}
