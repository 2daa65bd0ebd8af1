import { type Mutant, oneEdit } from './mutant.ts'

const FORMAT = ['tests/contract/file-format-hyper.test.ts']
const KIND = ['tests/contract/kinds-extract-hyper.test.ts']

/** The content of .hyper files (SEMANTICS 51). */
export const HYPER_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'hyper-file-by-its-bytes',
    'the version of a .hyper file is that of its rows (51a)',
    'kinds/extract/rows-to-file.ts',
    ["if (format !== 'hyper') return undefined", 'if (format.length > 0) return undefined'],
    KIND,
  ),
  oneEdit(
    'hyper-rows-are-lost',
    'a file with fewer rows than were written is a failure (51a)',
    'kinds/extract/rows-to-file.ts',
    ['if (written.value.rows !== rows)', 'if (written.value.rows > rows)'],
    KIND,
  ),
  oneEdit(
    'hyper-digits-are-lost',
    'a double counts with all its digits (51b)',
    'formats/hyper/statements.ts',
    ['set extra_float_digits = 3', 'set extra_float_digits = 0'],
    FORMAT,
  ),
  oneEdit(
    'hyper-times-of-the-machine',
    'a time with zone counts in UTC (51b)',
    'formats/hyper/statements.ts',
    ["set timezone = 'UTC'", 'set extra_float_digits = 3'],
    FORMAT,
  ),
  oneEdit(
    'hyper-types-do-not-count',
    'the version covers the types of the columns (51a)',
    'formats/hyper/index.ts',
    ['[...tables, ...columns.flat()]', 'columns.map(([name]) => name!)'],
    FORMAT,
  ),
  oneEdit(
    'hyper-null-is-empty',
    'a null is not an empty text (51a)',
    'formats/hyper/statements.ts',
    [", '-')`", ", '0:')`"],
    FORMAT,
  ),
  oneEdit(
    'hyper-reads-the-file-itself',
    'reading changes no file (51a)',
    'formats/hyper/index.ts',
    ['(await hyper(found.value)).run, copy)', '(await hyper(found.value)).run, file)'],
    FORMAT,
  ),
  oneEdit(
    'hyper-of-another-owner',
    'the vendor reads what its server wrote',
    'formats/hyper/server.ts',
    ["const USER = 'tableau_internal_user'", "const USER = 'assets'"],
    FORMAT,
  ),
]
