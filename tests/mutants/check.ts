import { type Mutant, oneEdit } from './mutant.ts'

const LAYERS = ['tests/golden/check-layers.test.ts']
const IMPORT = ['tests/unit/config/yaml-import.test.ts']

/** All mistakes at once and none that only follows (law 8); assets of dbt as YAML. */
export const CHECK_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'follows-from-nothing',
    'what is left out may declare a name (law 8)',
    'config/sound/left-out.ts',
    ['return texts.some((text) => word.test(text))', 'return false'],
    LAYERS,
  ),
  oneEdit(
    'cycles-of-the-rest',
    'a cycle through an asset that is left out is one (law 8)',
    'cli/verbs/check/examine.ts',
    ['const whole = others.length === 0 ? graph', 'const whole = others.length >= 0 ? graph'],
    LAYERS,
  ),
  oneEdit(
    'broken-target-lacks-warehouse',
    'a warehouse with a mistake is not missing (law 8)',
    'cli/verbs/check/examine.ts',
    ['!mistakes.leftOut.targets.has(target.name)', 'mistakes !== null'],
    LAYERS,
  ),
  oneEdit(
    'foreign-deps-go',
    'a dependency on an asset that is declared by hand stays in an import',
    'config/import/sync-assets.ts',
    ['!deps.includes(dep) && !isKept(dep)', '!deps.includes(dep)'],
    IMPORT,
  ),
]
