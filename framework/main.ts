import { setMaxListeners } from 'node:events'
import { main } from './cli/main.ts'
import { Outlet } from './cli/outlet.ts'
import { systemProblem } from './cli/system-problems.ts'
import { killGroups } from './lib/process-groups.ts'
import { registries } from './registries.ts'

// The composition root: argv, environment, clock and signals. registries.ts names every adapter.

const interrupt = new AbortController()
// Each running command and copy adds a listener, so Node's leak warning would be wrong.
setMaxListeners(0, interrupt.signal)
/** The exit code after a signal; null before one. */
let signalled: number | null = null
for (const [name, code] of [
  // The terminal is gone, as after a lost connection.
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(name, () => {
    // A second signal exits at once, with everything that was started: the state is always consistent.
    if (signalled !== null) {
      killGroups()
      process.exit(code)
    }
    signalled = code
    interrupt.abort()
  })
}

const stdout = new Outlet(process.stdout)
const stderr = new Outlet(process.stderr)

/** Errors that nothing awaits any more: of a stream, or of a part of the program that can't be loaded. */
function endWith(error: unknown): never {
  const problem = systemProblem(error)
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(
    problem === null ? `${text}\n` : `error  ${problem.message}\n  hint: ${problem.hint}\n`,
  )
  process.exit(1)
}
process.on('uncaughtException', endWith)

void main(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdout,
  stderr,
  stdoutFailure: () => stdout.failure(),
  clock: Date.now,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  later: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
  random: Math.random,
  signal: interrupt.signal,
  person: async () => (await import('./cli/person.ts')).personAt(interrupt.signal),
  registries,
}).then((code) => process.exit(signalled ?? code), endWith)
