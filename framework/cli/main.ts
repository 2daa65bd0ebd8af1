import { ProblemError } from '../model/problem.ts'
import type { Context } from './context.ts'
import { EXIT } from './context.ts'
import { Output } from './output.ts'
import { parse } from './program.ts'
import { version } from './version.ts'

/**
 * Runs one command line and returns its exit code. Expected failures are problems. A `ProblemError`
 * that no adapter caught is shown as its problems. Any other thrown error is shown as a bug.
 */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  const parsed = await parse(argv, version(), context.stdout, context.stderr)
  if (parsed.is === 'end') return parsed.code
  if (parsed.is === 'refused') {
    const output = new Output(context, { json: argv.includes('--json'), all: false })
    return output.fail([parsed.problem], EXIT.usage)
  }
  const { run, json, all } = parsed.invocation
  const output = new Output(context, { json, all })
  try {
    return await run(context, output)
  } catch (error) {
    output.end()
    if (error instanceof ProblemError) return output.fail(error.problems, EXIT.failed)
    output.bug(error)
    return EXIT.failed
  }
}
