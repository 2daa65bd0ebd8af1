import type { Mutant } from './mutant.ts'
import { mutant, SELECTION } from './suites.ts'

/** Selections. */
export const SELECTION_MUTANTS: readonly Mutant[] = [
  mutant(
    'sources-have-an-fqn',
    "dbt's fqn: leaves out sources",
    'graph/selection/dbt-methods.ts',
    [" || dbt.resourceType === 'source') return false", ') return false'],
    SELECTION,
  ),
  mutant(
    'plus-ends-a-value',
    'a + within a value belongs to it',
    'graph/selection/parse.ts',
    [
      "if (token.is === '+' && !this.#isInValue(method, text[0]!)) break",
      "if (token.is === '+') break",
    ],
    SELECTION,
  ),
  mutant(
    'path-as-it-is-typed',
    'path: takes models/./a.sql for models/a.sql',
    'graph/selection/methods.ts',
    ['trimEndOf(normalize(text), ', 'trimEndOf(text, '],
    SELECTION,
  ),
  mutant(
    'levels-from-what-is-read',
    'N+exposure:x counts its levels from the exposure',
    'graph/selection/evaluate.ts',
    ['const bits = walks ? found : selected', 'const bits = selected'],
    SELECTION,
  ),
  mutant(
    'selector-by-name-only',
    'selector: takes wildcards',
    'graph/selection/selector.ts',
    ['if (!isGlob(wanted) || ', 'if (wanted !== null || '],
    SELECTION,
  ),
  mutant(
    'this-is-a-name',
    'package:this is the project itself',
    'graph/selection/dbt-methods.ts',
    ["if (text === 'this')", "if (text === '')"],
    SELECTION,
  ),
  mutant(
    'no-leaf-for-wildcards',
    "a wildcard of fqn: matches a node's name in any folder",
    'graph/selection/fqn.ts',
    ['return wantedParts.length === 1 && rest(name)', 'return false'],
    SELECTION,
  ),
  mutant(
    'folder-selects-checks',
    'the folder of a model does not select its checks',
    'graph/selection/compare.ts',
    ['isSelected ? SELECTED : START', 'SELECTED'],
    SELECTION,
  ),
  mutant(
    'first-node-only',
    "an asset that is several of dbt's nodes is compared as each",
    'graph/selection/compare.ts',
    ['all.some(matches)', 'matches(all[0]!)'],
    SELECTION,
  ),
  mutant(
    'around-without-checks',
    '@x selects what the checks and the exposures below x read',
    'graph/selection/evaluate.ts',
    [
      'const below = this.#wider.descendants(seeds, Number.POSITIVE_INFINITY)',
      'const below = this.#withAssets(seeds, this.#wider.descendants(seeds, Number.POSITIVE_INFINITY))',
    ],
    SELECTION,
  ),
  mutant(
    'tag-without-its-value',
    'tag:k= is a typing error',
    'graph/selection/value-faults.ts',
    ['if (pair?.length === 0) {', 'if (pair?.length === -1) {'],
    SELECTION,
  ),
  mutant(
    'placeholder-as-a-value',
    'key:<x> is a typing error',
    'graph/selection/value-faults.ts',
    ["token.is === 'word' && /[<>]/.test(token.text)", "token.is === 'end'"],
    SELECTION,
  ),
  mutant(
    'pattern-without-dbt',
    "a pattern that no asset's name matches needs the facts of dbt",
    'graph/selection/needs.ts',
    ['i < graph.assetCount && matches(name)', 'i < graph.assetCount || matches(name)'],
    SELECTION,
  ),
]
