import { expect, test } from 'vitest'
import { buildGraph } from '../../../framework/graph/graph.ts'
import { needsDbt } from '../../../framework/graph/selection/needs.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../../framework/model/dbt-facts.ts'
import { projectIn } from '../../rig/config.ts'

const YAML = `version: 1
project: shop
assets:
  a: {kind: command, run: make, tags: [daily]}
  b: {kind: command, run: make, deps: [a], tags: [daily], group: marts}
  c: {kind: command, run: make, deps: [b], group: marts, tags: {tier: gold one}}
  d: {kind: command, run: make, deps: [c, e]}
  e: {kind: command, run: make, tags: [skip]}
selectors:
  text: "tag:daily,group:marts"
  short: {group: marts}
  long: {method: tag, value: daily, children: true, children_depth: 1, exclude: [a]}
  above: {method: key, value: d, parents: true, parents_depth: 1}
  around: {method: key, value: c, childrens_parents: true}
  quoted: {method: tag, value: "tier=gold one"}
  both: {definition: {intersection: [{tag: daily}, {group: marts}]}, description: The daily marts.}
  most: {union: [{key: "*"}, {exclude: [{tag: skip}, c]}]}
  nested:
    union:
      - intersection: [{group: marts}, {union: [b, {exclude: ["tag:daily"]}]}]
      - {method: selector, value: quoted, parents: true, parents_depth: 1}
  inherited: {method: selector, value: short, exclude: [b]}
  broken: {union: ["a b", {intersection: ["x("]}]}
  unknown: {union: [{key: a}, {exclude: [aa]}]}
  round: {selector: round}
`

async function run(text: string) {
  const project = await projectIn({ 'assets.yaml': YAML })
  const graph = buildGraph(project.assets.all, [])
  const parsed = parseSelection(text)
  if (!graph.ok || !parsed.ok) throw new Error('the project must be valid')
  const selected = select(parsed.value, null, {
    graph: graph.value,
    assets: project.assets,
    definitions: new Map(),
    selectors: project.selectors,
    dbt: NO_DBT,
    state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }),
  })
  if (!selected.ok) return selected.problems.map(({ message, detail }) => `${message}\n${detail}`)
  return namesOf(graph.value, selected.value.bits).join(' ')
}

test.each([
  ['text', 'b'],
  ['short', 'b c'],
  ['long', 'b c'],
  ['above', 'c d e'],
  ['around', 'a b c d e'],
  ['quoted', 'c'],
  ['both', 'b'],
  ['most', 'a b d'],
  ['nested', 'b c'],
  ['inherited', 'c'],
])('selector:%s', async (name, expected) => expect(await run(`selector:${name}`)).toBe(expected))

test('+ and not apply to a selector', async () => {
  expect(await run('selector:quoted+1')).toBe('c d')
  expect(await run('not selector:short and not e')).toBe('a d')
})

test('a problem inside a selector has carets below its own text', async () => {
  expect(await run('selector:broken')).toEqual(['unknown function x (in selector broken)\nx(\n^'])
  expect(await run('selector:unknown')).toEqual([
    'no asset is named aa (in selector unknown)\naa\n^^',
  ])
  expect(await run('selector:round')).toEqual([
    'selector round refers to itself: round → round\nselector:round\n         ^^^^^',
  ])
})

test('selectors that refer to others in a long chain, or each to two, are evaluated once', async () => {
  const chain = (size: number, line: (k: number) => string) =>
    [...Array.from({ length: size }, (_, k) => line(k)), `s${size}: "a"`].join('\n  ')
  const selected = async (lines: string) => {
    const yaml = `version: 1\nproject: p\nassets:\n  a: {kind: command, run: make}\nselectors:\n  ${lines}\n`
    const { selectors, assets } = await projectIn({ 'assets.yaml': yaml })
    const graph = buildGraph(assets.all, [])
    const parsed = parseSelection('selector:s0')
    if (!graph.ok || !parsed.ok) throw new Error('the project must be valid')
    const facts = { definitions: new Map(), dbt: NO_DBT, selectors, assets, graph: graph.value }
    const state = () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }) as const
    expect(needsDbt(parsed.value, selectors, graph.value)).toBe(false)
    const result = select(parsed.value, null, { ...facts, state })
    return result.ok
      ? namesOf(graph.value, result.value.bits)
      : result.problems.map(({ message }) => message)
  }
  // Each of the two doubles the work of the one before, unless what it selects is kept.
  expect(
    await selected(chain(29, (k) => `s${k}: "selector:s${k + 1} selector:s${k + 1}"`)),
  ).toEqual(['a'])
  expect(await selected(chain(5_000, (k) => `s${k}: "selector:s${k + 1}"`))).toEqual([
    'selector s30 is behind a chain of more than 30 selectors (in selector s29)',
  ])
})
