import { setMaxListeners } from 'node:events'
import type { Adapter, Registries } from './cli/context.ts'
import { main } from './cli/main.ts'
import type { Connection } from './ports/connection.ts'
import type { State } from './ports/state.ts'
import type { Warehouse } from './ports/warehouse.ts'

// The composition root: argv, environment, clock, signals, and every adapter there is. A new adapter
// is one folder and one line here.

const warehouses: Record<string, Adapter<Warehouse>> = {
  duckdb: {
    declaration: async () => (await import('./warehouses/duckdb/declaration.ts')).declaration,
    create: async () => (await import('./warehouses/duckdb/index.ts')).create,
  },
}

const connections: Record<string, Adapter<Connection>> = {
  postgres: {
    declaration: async () => (await import('./connections/postgres/declaration.ts')).declaration,
    create: async () => (await import('./connections/postgres/index.ts')).create,
  },
}

const states: Record<string, Adapter<State>> = {
  sqlite: {
    declaration: async () => (await import('./state/sqlite/declaration.ts')).declaration,
    create: async () => (await import('./state/sqlite/index.ts')).create,
  },
}

const kinds: Registries['kinds'] = {
  airbyte: {
    declaration: async () => (await import('./kinds/airbyte/declaration.ts')).declaration,
    create: async () => (await import('./kinds/airbyte/index.ts')).createKind,
  },
  dbt: {
    declaration: async () => (await import('./kinds/dbt/declaration.ts')).declaration,
    create: async () => (await import('./kinds/dbt/index.ts')).createKind,
  },
  extract: {
    declaration: async () => (await import('./kinds/extract/declaration.ts')).declaration,
    create: async () => (await import('./kinds/extract/index.ts')).createKind,
  },
  command: {
    declaration: async () => (await import('./kinds/command/declaration.ts')).declaration,
    create: async () => (await import('./kinds/command/index.ts')).createKind,
  },
  external: {
    declaration: async () => (await import('./kinds/external/declaration.ts')).declaration,
    create: async () => (await import('./kinds/external/index.ts')).createKind,
  },
}

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

const code = await main(process.argv.slice(2), {
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
  registries: { kinds, warehouses, connections, states },
})
process.exit(signalled === null ? code : signalled === 'SIGINT' ? 130 : 143)
