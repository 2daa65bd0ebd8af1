import { expect, test } from 'vitest'
import { buildGraph, type GraphAsset } from '../../../framework/graph/graph.ts'
import {
  type Lineage,
  lineageDot,
  lineageJson,
  lineageMermaid,
  lineageOf,
  lineageText,
} from '../../../framework/graph/lineage.ts'

const asset = (name: string, ...deps: string[]) => ({ name, deps, file: 'assets.yaml' })

const RENTALS = [
  asset('raw_film'),
  asset('raw_payment'),
  asset('stg_film', 'raw_film'),
  asset('stg_payment', 'raw_payment'),
  asset('fact_payment', 'stg_payment', 'stg_film'),
  asset('revenue.monthly', 'fact_payment'),
]
const UNIQUE_FACT = { name: 'unique_fact', reads: ['fact_payment'], severity: 'error' } as const

function lineage(leaveOut: readonly string[] = []): Lineage {
  return lineageOfAssets(RENTALS, [UNIQUE_FACT], leaveOut)
}

function lineageOfAssets(
  assets: readonly GraphAsset[],
  checks: Parameters<typeof buildGraph>[1] = [],
  leaveOut: readonly string[] = [],
): Lineage {
  const built = buildGraph(assets, checks)
  if (!built.ok) throw new Error('cycle')
  const graph = built.value
  const bits = Uint8Array.from(graph.names, (name) => (leaveOut.includes(name) ? 0 : 1))
  return lineageOf(graph, bits, new Map())
}

test('as text: with readers below the first input, shortened below the others', () => {
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
  const part = lineage(['fact_payment', 'unique_fact'])
  expect(part.mapNodes((_node, { name }) => name)).toEqual([
    'raw_film',
    'raw_payment',
    'stg_film',
    'stg_payment',
    'revenue.monthly',
  ])
  expect(part.mapEdges((_edge, _attributes, source, target) => [source, target])).toEqual([
    ['n0', 'n2'],
    ['n1', 'n3'],
  ])
})

test('as Mermaid, DOT and JSON', async () => {
  const whole = lineage(['raw_film', 'stg_film'])
  const texts = [
    lineageMermaid(whole),
    lineageDot(whole),
    JSON.stringify(lineageJson(whole), null, 2),
  ]
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('../../golden/lineage.txt')
})

test('a chain too deep for a tree continues at the margin', () => {
  const size = 1000
  const chain = Array.from({ length: size }, (_, k) =>
    k === 0 ? asset('n0') : asset(`n${k}`, `n${k - 1}`),
  )
  const lines = lineageText(lineageOfAssets(chain)).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120)
  expect(lines.filter((line) => /n32( …)?$/.test(line))).toEqual([
    `${'   '.repeat(31)}└─ n32 …`,
    'n32',
  ])
  expect(lines.at(-1)).toMatch(/n999$/)
})

test('an asset may have the name of an object property', () => {
  const json = lineageJson(lineageOfAssets([asset('a'), asset('constructor', 'a')]))
  expect(json.edges).toEqual([{ key: 'a -> constructor', source: 'a', target: 'constructor' }])
})
