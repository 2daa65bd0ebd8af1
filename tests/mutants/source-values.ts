import { type Mutant, oneEdit as mutant } from './mutant.ts'

const DECODER = ['tests/unit/postgres/row-decoder.test.ts']
const KEYS = ['tests/unit/postgres/merge-key.test.ts']
const COPY = ['tests/unit/postgres/stream-plan.test.ts']
const MERGES = ['tests/contract/warehouse.test.ts']

/** Values that lose information, and keys among them (SEMANTICS 36, 37). */
export const SOURCE_VALUES_MUTANTS: readonly Mutant[] = [
  mutant(
    'null-field-makes-null',
    'a composite with a null field arrives (36b)',
    'connections/postgres/source/column-expression.ts',
    ['is distinct from null', 'is not null'],
    COPY,
  ),
  mutant(
    'rounded-unlisted',
    'a numeric that a double rounds is listed (36a)',
    'connections/postgres/copy/decode-numbers.ts',
    ['rounded.push(value)', 'void rounded'],
    DECODER,
  ),
  mutant(
    'seventeen-digits-always-held',
    'more than 15 digits are looked at closely (36a)',
    'connections/postgres/copy/numeric.ts',
    ['decimals <= ALWAYS_SHORTEST', 'decimals <= LONGEST'],
    DECODER,
  ),
  mutant(
    'tiny-numbers-always-held',
    'a numeric near zero has fewer digits in a double (36a)',
    'connections/postgres/copy/decode-numbers.ts',
    [' && (number > TINY || number < -TINY)', ''],
    DECODER,
  ),
  mutant(
    'exact-key-not-kept',
    'the exact values of a key are kept (37a)',
    'connections/postgres/copy/value-changes.ts',
    ['{ exact: { [name]: exact } }', '{}'],
    DECODER,
  ),
  mutant(
    'scale-makes-another-key',
    '1.0 and 1.00 are one key (37a)',
    'connections/postgres/copy/value-changes.ts',
    ['text.slice(0, 12) + text.slice(16)', 'text'],
    DECODER,
  ),
  mutant(
    'exact-key-not-compared',
    'keys are compared exactly (37a)',
    'warehouses/duckdb/raw-table.ts',
    ['!LOSSLESS.includes(type)', 'LOSSLESS.length === 0'],
    MERGES,
  ),
  mutant(
    'new-key-without-exact-values',
    'a column that becomes a key is read again (37a)',
    'connections/postgres/source/select-columns.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    ['keepsExact ? `exact ${column.definition}` : column.definition', 'column.definition'],
    KEYS,
  ),
  mutant(
    'array-as-a-key',
    'a key that can become equal unseen is refused (37b)',
    'connections/postgres/source/select-columns.ts',
    [', ...inexactKeys(stream, selected)', ''],
    KEYS,
  ),
]
