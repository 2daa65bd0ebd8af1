import { expect, test } from 'vitest'
import { buildGraph } from '../../../framework/graph/graph.ts'
import {
  type Lineage,
  lineageDot,
  lineageJson,
  lineageMermaid,
  lineageOf,
  lineageText,
} from '../../../framework/graph/lineage.ts'

const asset = (name: string, ...deps: string[]) => ({ name, deps, file: 'assets.yaml' })

function lineage(leaveOut: readonly string[] = []): Lineage {
  const built = buildGraph(
    [
      asset('raw_film'),
      asset('raw_payment'),
      asset('stg_film', 'raw_film'),
      asset('stg_payment', 'raw_payment'),
      asset('fact_payment', 'stg_payment', 'stg_film'),
      asset('revenue.monthly', 'fact_payment'),
    ],
    [{ name: 'unique_fact', reads: ['fact_payment'], severity: 'error' }],
  )
  if (!built.ok) throw new Error('cycle')
  const graph = built.value
  const bits = Uint8Array.from(graph.names, (name) => (leaveOut.includes(name) ? 0 : 1))
  return lineageOf(graph, bits, new Map())
}

test('as text: in full below the first input, a pointer below the others', () => {
  expect(lineageText(lineage())).toBe(
    [
      'raw_film',
      '└─ stg_film',
      '   └─ fact_payment',
      '      ├─ unique_fact',
      '      └─ revenue.monthly',
      'raw_payment',
      '└─ stg_payment',
      '   └─ fact_payment …',
    ].join('\n'),
  )
})

test('only edges between selected nodes are kept', () => {
  const { nodes, edges } = lineage(['fact_payment', 'unique_fact'])
  expect(nodes.map(({ name }) => name)).toEqual([
    'raw_film',
    'raw_payment',
    'stg_film',
    'stg_payment',
    'revenue.monthly',
  ])
  expect(edges).toEqual([
    [0, 2],
    [1, 3],
  ])
})

test('as Mermaid, DOT and JSON', async () => {
  const whole = lineage(['raw_film', 'stg_film'])
  const texts = [
    lineageMermaid(whole),
    lineageDot(whole),
    JSON.stringify(await lineageJson(whole), null, 2),
  ]
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('../../golden/lineage.txt')
})

test('a chain that is too deep for a tree is continued at the margin', () => {
  const size = 1000
  const nodes = Array.from({ length: size }, (_, k) => ({
    name: `n${k}`,
    is: 'asset' as const,
    kind: null,
    group: null,
  }))
  const edges = Array.from({ length: size - 1 }, (_, k) => [k, k + 1] as const)
  const lines = lineageText({ nodes, edges }).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120)
  expect(lines.filter((line) => /n32( …)?$/.test(line))).toEqual([
    `${'   '.repeat(31)}└─ n32 …`,
    'n32',
  ])
  expect(lines.at(-1)).toMatch(/n999$/)
})
