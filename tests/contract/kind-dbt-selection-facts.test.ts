import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { parseSelection } from '../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../framework/model/dbt-facts.ts'
import { sharedPython } from '../rig/python.ts'
import { SHOP_ASSETS, Shop } from '../rig/shop.ts'

const MORE = {
  'dbt/models/described.yml': `version: 2
models:
  - name: joined
    description: for selections
    access: public
    config: {tags: [nightly, "tier=gold"], meta: {owner: ann}, group: finance}
groups:
  - name: finance
    owner: {name: Ann, email: ann@example.com}
exposures:
  - name: dashboard
    type: dashboard
    owner: {name: Ann, email: ann@example.com}
    depends_on: [ref('joined')]
`,
}

let shop: Shop
let choose: (text: string) => string

beforeAll(async () => {
  shop = new Shop(await sharedPython())
  shop.reset(MORE)
  const defined = await shop.command().define()
  expect(defined.problems).toEqual([])
  const again = await shop.command().define()
  expect(again.needed).toBe('nothing')
  const assets = [
    { name: 'raw_orders', deps: [], file: 'assets.yaml' },
    ...Object.entries(SHOP_ASSETS).map(([name, deps]) => ({ name, deps, file: 'assets.yaml' })),
  ]
  const graph = buildGraph(assets, again.checks)
  if (!graph.ok) throw new Error('the shop has no cycle')
  choose = (text) => {
    const parsed = parseSelection(text)
    if (!parsed.ok) throw new Error(parsed.problems[0]!.message)
    const selected = select(parsed.value, null, {
      graph: graph.value,
      assets: new Map(),
      definitions: again.definitions,
      selectors: {},
      dbt: again.dbt?.() ?? NO_DBT,
      state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }),
    })
    if (!selected.ok) throw new Error(selected.problems[0]!.message)
    return namesOf(graph.value, selected.value.bits).join(' ')
  }
})
afterAll(() => shop.close())

test.each([
  ['resource_type:model', 'stg_orders big by_customer journal joined'],
  ['resource_type:seed', 'countries'],
  ['resource_type:snapshot', 'history'],
  ['resource_type:source', 'raw_orders'],
  ['resource_type:unit_test', 'sums'],
  ['source:*', 'raw_orders'],
  ['config.materialized:incremental', 'journal'],
  ['config.materialized:view', 'stg_orders'],
  ['config.meta.owner:ann', 'joined'],
  ['tag:nightly', 'joined'],
  ['tag:tier=gold', 'joined'],
  ['group:finance', 'joined'],
  ['access:public', 'joined'],
  ['exposure:dashboard', 'joined'],
  ['version:none', 'stg_orders big by_customer journal joined'],
  ['path:models/by_customer.sql', 'by_customer'],
  ['path:dbt/models', 'raw_orders stg_orders big by_customer journal joined'],
  ['file:joined', 'joined'],
  ['path:models/described.yml', 'joined'],
  ['path:dbt/models/./described.yml', 'joined'],
  ['file:described.yml', ''],
  ['package:shop resource_type:seed', expect.stringContaining('countries')],
  ['fqn:shop.joined', 'joined'],
  ['shop.jo*', 'journal joined'],
  ['test_type:singular', 'positive'],
  ['test_type:unit', 'sums'],
  ['test_name:relationships', expect.stringContaining('relationships_by_customer')],
  ['config.severity:warn', expect.stringContaining('relationships_by_customer')],
])('%s selects what dbt would', (text, expected) => {
  expect(choose(text)).toEqual(expected)
})
