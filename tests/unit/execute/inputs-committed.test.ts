import { expect, test } from 'vitest'
import { inputsCommitted } from '../../../framework/execute/batches.ts'
import type { RunState } from '../../../framework/execute/run-state.ts'

interface Node {
  readonly reads?: readonly string[]
  readonly form?: 'stored' | 'view' | 'ephemeral' | 'external'
  /** Run and time of its commit. */
  readonly commit?: readonly [run: number, at: number]
}

/** The last commit of what `reader` reads. */
function committed(nodes: Readonly<Record<string, Node>>) {
  const names = Object.keys(nodes)
  const node = (i: number) => nodes[names[i]!]!
  const form = (i: number) => node(i).form ?? 'stored'
  const runState = {
    world: {
      graph: { inputs: (i: number) => (node(i).reads ?? []).map((name) => names.indexOf(name)) },
      isVirtual: (i: number) => form(i) === 'view' || form(i) === 'ephemeral',
    },
    facts(i: number) {
      const { commit } = node(i)
      const record = commit === undefined ? null : { run: commit[0], finishedAt: commit[1] }
      return { record, definition: { form: form(i) } }
    },
  }
  return inputsCommitted(runState as unknown as RunState, names.indexOf('reader'))
}

const READER = { reads: ['a', 'v'] }

test('is the last commit of what is read, through views', () => {
  const nodes = {
    reader: READER,
    a: { commit: [3, 30] },
    v: { form: 'view', reads: ['e', 'a'], commit: [1, 10] },
    e: { form: 'ephemeral', reads: ['b'] },
    b: { commit: [5, 20] },
    // Not read: it is below a table.
    c: { commit: [9, 90] },
  } as const
  expect(committed(nodes)).toEqual({ run: 5, at: 30 })
  expect(committed({ ...nodes, v: { ...nodes.v, commit: [8, 80] } })).toEqual({ run: 8, at: 80 })
})

test('without inputs, is before everything', () => {
  expect(committed({ reader: {} })).toEqual({ run: 0, at: 0 })
})

test.each([
  ['if an input was never built', {}],
  ['if an input is built by others', { form: 'external' }],
] as const)('is not known %s', (_, b) => {
  const v = { form: 'view', reads: ['b'], commit: [1, 10] } as const
  expect(committed({ reader: READER, a: { commit: [3, 30] }, v, b })).toBe(null)
})
