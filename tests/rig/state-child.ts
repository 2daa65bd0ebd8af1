import { createInterface } from 'node:readline'
import { NO_OUTCOMES } from '../../framework/model/step.ts'
import type { Change, Lease } from '../../framework/ports/state.ts'
import { create } from '../../framework/state/sqlite/index.ts'

// A process that uses a SQLite state. It reads one command per line from stdin and answers
// each with a line. `StateProcess` bundles and starts it.

export type Command =
  | { readonly do: 'open'; readonly root: string }
  | { readonly do: 'acquire' }
  | { readonly do: 'write'; readonly changes: readonly Change[] }
  /** Commits `a` and `b` with the same, growing number of rows until the process is killed. */
  | { readonly do: 'flood'; readonly changes: readonly Change[] }
  | { readonly do: 'release' }

const SETTINGS = { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } }

let state: Awaited<ReturnType<typeof create>> | null = null
let lease: Lease | null = null

async function obey(command: Command): Promise<unknown> {
  if (command.do === 'open') {
    state = await create(SETTINGS, { root: command.root, clock: Date.now })
    return state.ok ? 'open' : state.problems
  }
  if (!state?.ok) throw new Error('not open')
  switch (command.do) {
    case 'acquire': {
      const request = { target: 'local', command: 'test', job: null }
      let got = await state.value.acquire(request)
      if (got.ok && got.value.busy === 'abandoned') {
        got = await state.value.acquire({ ...request, after: got.value.run })
      }
      if (!got.ok) return got.problems
      if (got.value.busy) return 'busy'
      lease = got.value
      return 'acquired'
    }
    case 'write':
      return lease!.write(command.changes)
    case 'flood':
      for (let rows = 0; ; rows += 1) {
        await lease!.write(command.changes.map((change) => withRows(change, rows)))
        process.stdout.write(`${rows}\n`)
        await new Promise((resolve) => setImmediate(resolve))
      }
    case 'release':
      return lease!.release({ outcome: 'succeeded', counts: NO_OUTCOMES })
  }
}

function withRows(change: Change, rows: number): Change {
  return change.change === 'commit' ? { ...change, record: { ...change.record, rows } } : change
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as Command))}\n`)
}
