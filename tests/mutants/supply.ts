import { type Mutant, oneEdit } from './mutant.ts'

const PAGE = ['tests/unit/supply-chain/dependencies.test.ts']
const NPM = ['tests/unit/supply-chain/npm-lock.test.ts']
const BILL = ['tests/unit/supply-chain/bill-of-materials.test.ts']

const PAGE_FILE = 'decisions/0009-dependencies.md'

/** What the program depends on: the version of Node, and packages as their page and bill of materials say. */
export const SUPPLY_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'node-20-below-a-file',
    'a path below a file is one where nothing is, on every version of Node',
    'lib/file-stats.ts',
    ["=== 'ENOTDIR'", "=== 'ENOENT'"],
    ['tests/unit/lib/file-stats.test.ts', 'tests/e2e/below-a-file.test.ts'],
  ),
  oneEdit(
    'dependency-without-a-reason',
    'every dependency is listed',
    PAGE_FILE,
    ['| `smol-toml` | `BSD-3-Clause`', '| `toml` | `BSD-3-Clause`'],
    PAGE,
  ),
  oneEdit(
    'dependency-with-another-licence',
    'a listed licence is the one of the installed package',
    PAGE_FILE,
    ['| `yaml` | `ISC`', '| `yaml` | `MIT`'],
    PAGE,
  ),
  oneEdit(
    'python-package-without-a-licence',
    'every locked Python package has a licence',
    PAGE_FILE,
    ['`jinja2`, ', ''],
    PAGE,
  ),
  oneEdit(
    'bill-without-the-bundle',
    'what is bundled is in the bill of materials',
    'supply-chain/npm-lock.ts',
    ['!(isInstalled || inBundle.has(purl))', '!isInstalled'],
    NPM,
  ),
  oneEdit(
    'bill-with-development-tools',
    'what only a clone needs is not in the bill of materials',
    'supply-chain/npm-lock.ts',
    ["folder === '' || !(isInstalled || inBundle.has(purl))", "folder === ''"],
    NPM,
  ),
  oneEdit(
    'bill-of-the-wrong-copy',
    'a package needs the copy that Node finds first',
    'supply-chain/npm-lock.ts',
    ['for (const above of foldersAbove(folder)) {', "for (const above of ['']) {"],
    NPM,
  ),
  oneEdit(
    'bill-with-unknown-licences',
    'a package without a licence stops the bill of materials',
    'supply-chain/npm-lock.ts',
    ['if (licence === undefined) throw', 'if (licence === null) throw'],
    NPM,
  ),
  oneEdit(
    'bill-numbered-by-its-time',
    'the serial number does not depend on the time',
    'supply-chain/bill-of-materials.ts',
    ['serialNumber(JSON.stringify(content))', 'serialNumber(at.toISOString())'],
    BILL,
  ),
  oneEdit(
    'first-hash-only',
    'every hash of a Python package is in the bill of materials',
    'supply-chain/python-locks.ts',
    ['([, hex]) => hex!)', '([, hex]) => hex!).slice(0, 1)'],
    BILL,
  ),
  oneEdit(
    'unlocked-requirement',
    'a requirement without a hash is an error',
    'supply-chain/python-locks.ts',
    [' || hashes.length === 0', ''],
    BILL,
  ),
]
