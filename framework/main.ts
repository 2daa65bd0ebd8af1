import { setMaxListeners } from 'node:events'
import { main } from './cli/main.ts'
import { registries } from './registries.ts'

// The composition root: argv, environment, clock and signals; every adapter stands in registries.ts.

const interrupt = new AbortController()
// Every command and copy under way listens to it; that is no leak.
setMaxListeners(0, interrupt.signal)
let signalled: NodeJS.Signals | null = null
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(name, () => {
    // The second time leaves at once: state and outputs are consistent at every moment.
    if (signalled !== null) process.exit(code)
    signalled = name
    interrupt.abort()
  })
}

// A reader that went away (`assets list | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

void main(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
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
}).then((code) => process.exit(signalled === null ? code : signalled === 'SIGINT' ? 130 : 143))
