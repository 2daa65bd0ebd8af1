import { type Mutant, oneEdit } from './mutant.ts'

const PATHS = ['tests/e2e/paths.test.ts']
const TEXT = ['tests/unit/lib/project-path.test.ts']
const LINKS = ['tests/unit/lib/real-place.test.ts']

/** Where a path may lead, what is one file, and what is said when the system refuses one. */
export const PATH_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'dots-leave-the-project',
    'a relative path of a file that is replaced is in the project (50b)',
    'lib/project-path.ts',
    ["normal === '..' || normal.startsWith('../')", "normal === '..'"],
    TEXT,
  ),
  oneEdit(
    'outputs-in-own-folder',
    'nothing is written into .assets (50b)',
    'lib/project-path.ts',
    ["rule === 'written' ? ownFault(normal) : null", 'null'],
    TEXT,
  ),
  oneEdit(
    'bytes-are-characters',
    'the limit of a name counts bytes',
    'lib/project-path.ts',
    ['.map((name) => Buffer.byteLength(name))', '.map((name) => name.length)'],
    TEXT,
  ),
  oneEdit(
    'links-are-cut',
    'all names in a link count (50a)',
    'lib/real-place.ts',
    [
      'open.push(...target.split(sep).reverse())',
      'open.push(...target.split(sep).reverse().slice(-2))',
    ],
    LINKS,
  ),
  oneEdit(
    'dots-of-links-by-text',
    'dots in a link are those of the folder that it leads to (50a)',
    'lib/real-place.ts',
    [
      "name === '..' ? dirname(real) : join(real, name)",
      "name === '..' ? dirname(folder) : join(real, name)",
    ],
    LINKS,
  ),
  oneEdit(
    'absolute-paths-are-refused',
    'an absolute path may leave the project (50b)',
    'lib/real-place.ts',
    ['if (isAbsolute(path)) return null', ''],
    LINKS,
  ),
  oneEdit(
    'spellings-are-files',
    'two spellings of one file are one output (50a)',
    'execute/output-conflicts.ts',
    ['realPlace(resolve(root, file), known)', 'file'],
    ['tests/golden/paths.test.ts'],
  ),
  oneEdit(
    'links-are-not-judged',
    'a link out of the project is refused before the run (50b)',
    'execute/output-conflicts.ts',
    ['fault === null ? []', 'true ? []'],
    ['tests/golden/paths.test.ts'],
  ),
  oneEdit(
    'includes-through-links',
    'a file that a link puts outside is not included',
    'config/files/include.ts',
    ["isShared ? null : linkFault(root, file, 'inside', known)", 'null'],
    ['tests/golden/paths.test.ts'],
  ),
  oneEdit(
    'extract-through-a-new-link',
    'a link is followed right before the query of an extract runs (50b)',
    'kinds/extract/write-extract.ts',
    ['if (refused !== null) return refused', ''],
    PATHS,
  ),
  oneEdit(
    'extract-through-a-late-link',
    'a link is followed right before a file is replaced (50b)',
    'kinds/extract/write-extract.ts',
    ['if (late !== null) return late', ''],
    ['tests/contract/kinds-extract.test.ts'],
  ),
  oneEdit(
    'command-through-a-new-link',
    'a link is followed right before a command runs (50b)',
    'kinds/command/index.ts',
    ['if (fault !== null) return outputPathProblem', 'if (false) return outputPathProblem'],
    PATHS,
  ),
  oneEdit(
    'spelling-is-left-behind',
    'an asset that goes to another spelling of its file leaves nothing (50a)',
    'execute/look-at-leftovers.ts',
    ['if (filled.has(realPlace(resolve(root, place))))', 'if (filled.has(place))'],
    PATHS,
  ),
  oneEdit(
    'absolute-code-is-absent',
    'a change of code at an absolute path is seen',
    'lib/file-hashes.ts',
    ["path.startsWith('/') ? path : ", ''],
    PATHS,
  ),
  oneEdit(
    'warehouse-is-blamed',
    'an extract that can not be written does not blame the warehouse',
    'kinds/extract/place-file.ts',
    ["closeSync(openSync(temporaryPath(path), 'wx'))", ''],
    PATHS,
  ),
  oneEdit(
    'temporary-name-too-long',
    'a name of 255 bytes can be written',
    'kinds/extract/place-file.ts',
    ['isShort ? name', 'true ? name'],
    PATHS,
  ),
  {
    ...oneEdit(
      'few-files-are-a-bug',
      'too many open files are no bug',
      'cli/system-problems.ts',
      ['if (isTooManyFiles(error) || hasTooManyFiles())', 'if (false)'],
      ['tests/e2e/few-files.test.ts'],
    ),
    isBundled: true,
  },
  oneEdit(
    'long-names-are-shown',
    'a name of 64 KB is shown at once, and cut',
    'report/text.ts',
    ['if (text.length <= LONG_WORD) return text', 'return text'],
    ['tests/golden/paths.test.ts'],
  ),
]
