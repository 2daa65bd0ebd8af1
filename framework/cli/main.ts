import { ProblemError } from '../model/problem.ts'
import type { Stream } from '../report/console.ts'
import type { Context } from './context.ts'
import { EXIT } from './context.ts'
import { Output } from './output.ts'
import { type Invocation, parse } from './program.ts'
import { systemProblem } from './system-problems.ts'
import { version } from './version.ts'

/**
 * Runs one command line and returns its exit code. Expected failures are problems. A `ProblemError`
 * that no adapter caught is shown as its problems, and so is an error of the file system. Any other thrown error is
 * shown as a bug.
 */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  const parsed = await parse(argv, version(), context.stdout, context.stderr)
  if (parsed.is === 'end') return ofWhatWasPrinted(parsed.code, context)
  if (parsed.is === 'refused') {
    const output = new Output(context, { json: argv.includes('--json'), all: false, argv })
    return output.fail([parsed.problem], EXIT.usage)
  }
  const { acts } = parsed.invocation
  const code = await runVerb({ ...parsed.invocation, argv }, context)
  return acts ? code : ofWhatWasPrinted(code, context)
}

/** The exit code of a command that only prints: never 0 for a part of its output. */
async function ofWhatWasPrinted(code: number, { stdoutFailure, stderr }: Context): Promise<number> {
  const failure = (await stdoutFailure?.()) ?? null
  if (code !== EXIT.done || failure === null) return code
  if (failure === 'EPIPE') return EXIT.unread
  stderr.write(`error  the output could not be written: ${failure}\n`)
  return EXIT.failed
}

interface VerbRun extends Pick<Invocation, 'run' | 'json' | 'all'> {
  readonly argv: readonly string[]
}

async function runVerb(
  { run, json, all, argv }: VerbRun,
  context: Context,
  isRepeated = false,
): Promise<number> {
  let hasPrinted = false
  const { stdout } = context
  const watched: Stream = {
    write(text) {
      hasPrinted = true
      stdout.write(text)
    },
    get isTTY() {
      return stdout.isTTY
    },
    get columns() {
      return stdout.columns
    },
  }
  const watching = { ...context, stdout: watched }
  const output = new Output(watching, { json, all, argv })
  try {
    return await run(watching, output)
  } catch (error) {
    output.end()
    // The damaged cache was removed, so the command makes it again. It never repeats a part of its output.
    if (isCacheDamage(error) && !hasPrinted && !isRepeated) {
      return runVerb({ run, json, all, argv }, context, true)
    }
    if (error instanceof ProblemError) return output.fail(error.problems, EXIT.failed)
    const problem = systemProblem(error)
    if (problem !== null) return output.fail([problem], EXIT.failed)
    output.bug(error)
    return EXIT.failed
  }
}

function isCacheDamage(error: unknown): boolean {
  return (
    error instanceof ProblemError && error.problems.every(({ code }) => code === 'cache-damaged')
  )
}
