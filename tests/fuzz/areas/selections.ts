import { buildGraph } from '../../../framework/graph/graph.ts'
import { needsDbt, needsState } from '../../../framework/graph/selection/needs.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { select } from '../../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../../framework/model/dbt-facts.ts'
import { plainAsset } from '../../rig/asset.ts'
import type { Area } from '../area.ts'
import { mixWords, mutateText } from '../mutate.ts'

const WORDS = [
  ...[
    'a',
    'b',
    'c.d',
    'fct_*',
    '*',
    '+',
    '2+',
    '+1',
    '@',
    ' ',
    ',',
    ' and ',
    ' or ',
    'not ',
    '(',
    ')',
    'sinks(',
    'roots(',
  ],
  ...[
    'tag:',
    'group:',
    'kind:',
    'state:',
    'config.',
    'config.a.b:',
    'path:',
    'fqn:',
    'source:',
    'selector:',
    'owner:',
  ],
  ...[
    'key:',
    'tag:k=v',
    '"a b"',
    '"',
    's',
    't',
    '<null>',
    'resource_type:',
    'test_type:',
    'package:this',
    '[!a]*',
    '=',
  ],
]
const CORPUS = [
  'tag:daily,group:marts',
  '+a b+1 @c',
  '(a or b) and not tag:x',
  'config.materialized:table+',
  'sinks(a+)',
]

const assets = ['a', 'b', 'c.d', 'fct_x'].map((name, k, all) =>
  plainAsset(name, { deps: all.slice(0, k) }),
)
const graph = buildGraph(assets, [])

/** A selection of the command line, and what it selects. */
export const selections: Area = {
  name: 'selections',
  input: (random) =>
    random.chance(0.6) ? mixWords(random, WORDS) : mutateText(random, CORPUS, WORDS),
  read: (input) => {
    const parsed = parseSelection(input)
    if (!parsed.ok || !graph.ok) return
    const selectors = { s: input, t: 'selector:s a+' }
    needsState(parsed.value, selectors)
    needsDbt(parsed.value, selectors, graph.value)
    select(parsed.value, null, {
      graph: graph.value,
      assets: new Map(assets.map((asset) => [asset.name, asset])),
      definitions: new Map(),
      selectors,
      dbt: NO_DBT,
      state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }),
    })
  },
}
