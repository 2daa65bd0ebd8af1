import { type Mutant, oneEdit } from './mutant.ts'

const CALLED = ['tests/unit/cli/called-as.test.ts']
const HOME = ['tests/unit/cli/home.test.ts']
const SHOWN = ['tests/unit/report/text.test.ts', 'tests/unit/report/problem.test.ts']

/** What someone meets who has just installed the package. */
export const NEW_USER_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'npx-for-a-global-package',
    'a global package is typed as assets, whatever runs it',
    'cli/called-as.ts',
    ['!NPX_CACHE.test(folder) && !isInstalledFor(project, folder)', 'false'],
    CALLED,
  ),
  oneEdit(
    'npx-in-its-folder-only',
    'npx looks in the folders above the project too',
    'cli/called-as.ts',
    ['if (dirname(above) === above) return false', 'return false'],
    CALLED,
  ),
  oneEdit(
    'npx-from-the-registry',
    'a package of the cache of npx is named again',
    'cli/called-as.ts',
    ['spec !== undefined && PLAIN.test(spec)', 'spec === null'],
    CALLED,
  ),
  oneEdit(
    'npx-with-any-text',
    'a package that needs quotes is not put into a command',
    'cli/called-as.ts',
    ['spec !== undefined && PLAIN.test(spec)', 'spec !== undefined'],
    CALLED,
  ),
  oneEdit(
    'hint-without-npx',
    'the commands of a hint are typed as this one was',
    'report/problem.ts',
    ['asTyped(printable(brief(problem.hint)), context.style)', 'printable(brief(problem.hint))'],
    SHOWN,
  ),
  oneEdit(
    'npx-in-prose',
    "only the program's name before a verb is a command",
    'report/text.ts',
    ['/(?<![\\w./-])assets ', '/assets '],
    SHOWN,
  ),
  oneEdit(
    'home-in-git',
    'git ignores .assets/ after every command',
    'cli/workspace.ts',
    ['  ignoreHome(home)', ''],
    HOME,
  ),
  oneEdit(
    'home-ignores-nothing',
    'git ignores everything in .assets/',
    'cli/home.ts',
    ["writeFileSync(file, '*", "writeFileSync(file, '"],
    HOME,
  ),
]
