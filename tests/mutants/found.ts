import { type Mutant, oneEdit } from './mutant.ts'

const FOUND = ['tests/unit/kind-dbt/found-assets.test.ts']
const CONFIG = ['tests/unit/config/add-found.test.ts', 'tests/unit/config/with-policies.test.ts']

/** The assets of a dbt project, and policies of many assets (SEMANTICS 41). */
export const FOUND_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'left-out-is-nothing',
    'a node that is left out is read as an external (41a)',
    'kinds/dbt/manifest/found-assets.ts',
    [
      'return [this.#external(node.relation, bareName(node), node, { relation: node.relation })]',
      'return []',
    ],
    FOUND,
  ),
  oneEdit(
    'left-out-ephemeral-is-nothing',
    'an ephemeral that is left out is part of its readers (41a)',
    'kinds/dbt/manifest/found-assets.ts',
    ['return node.parents.flatMap((parent) => this.#parent(parent))', 'return []'],
    FOUND,
  ),
  oneEdit(
    'source-is-external',
    'a source is what delivers its table (41a)',
    'kinds/dbt/manifest/found-assets.ts',
    ['    if (known !== undefined) return known\n', ''],
    FOUND,
  ),
  oneEdit(
    'named-file-is-nothing',
    'a file that the code names is an input (41a)',
    'kinds/dbt/manifest/found-assets.ts',
    ['path === COMPUTED ? []', "path !== '' ? []"],
    FOUND,
  ),
  oneEdit(
    'declared-replaces-found',
    'an asset reads what YAML or dbt says (41a)',
    'config/found/add-found.ts',
    ['deps: [...new Set([...asset.deps, ...found.deps])],', 'deps: asset.deps,'],
    CONFIG,
  ),
  oneEdit(
    'policy-over-asset',
    'the asset itself is stronger than a policy (41b)',
    'config/found/with-policies.ts',
    ["from[key] !== 'asset' && ", ''],
    CONFIG,
  ),
  oneEdit(
    'found-over-asset',
    'the asset in YAML is stronger than meta.assets (41b)',
    'config/found/add-found.ts',
    ["more.keys.filter((key) => policyFrom[key] !== 'asset')", 'more.keys'],
    CONFIG,
  ),
  oneEdit(
    'first-policy-counts',
    'the later of two policies counts (41b)',
    'config/found/with-policies.ts',
    [
      'for (const [index, { rule, bits }] of rules.entries()) {',
      'for (const [index, { rule, bits }] of [...rules.entries()].reverse()) {',
    ],
    CONFIG,
  ),
]
