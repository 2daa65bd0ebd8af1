import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Absolute path of the Python that runs a script, such as `dbt`, told from its first lines, or from the
 * folder that it is in. `workFolder`: where the script would be started. null: it is no Python script, like
 * the `dbt` of dbt Fusion, or its Python can't be told.
 */
export function interpreterOf(
  script: string,
  workFolder: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const head = headOf(script)
  if (head === null || !head.startsWith('#!')) return null
  const pyenv = /^export PYENV_ROOT="(.+)"$/m.exec(head)
  if (pyenv !== null) return pyenvInterpreter(pyenv[1]!, workFolder, env)
  const named = NAMED.exec(head)
  if (named !== null) return existsSync(named[1] ?? named[2]!) ? (named[1] ?? named[2]!) : null
  const beside = join(dirname(realpathSync(script)), 'python')
  return head.includes('python') && existsSync(beside) ? beside : null
}

/** `#!/a/bin/python3`, or for a long path `'''exec' "/a/bin/python3" "$0" "$@"` in the second line. */
const NAMED = /^#! ?(\/\S*\/python[\d.]*)(?:\s|$)|^'''exec' ["']?(\/[^"']+?)["']? "\$0"/m

const HEAD_BYTES = 1024

function headOf(file: string): string | null {
  const bytes = Buffer.alloc(HEAD_BYTES)
  try {
    const descriptor = openSync(file, 'r')
    try {
      return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return null
  }
}

/** What a script in pyenv's folder `shims` starts: the first of the chosen versions that has it. */
function pyenvInterpreter(
  root: string,
  workFolder: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const chosen = env.PYENV_VERSION?.split(':') ?? chosenIn(workFolder, root)
  for (const version of chosen) {
    const bin = join(root, 'versions', version, 'bin')
    if (existsSync(join(bin, 'dbt'))) return join(bin, 'python')
  }
  return null
}

/** The versions in the nearest `.python-version`, else in pyenv's file `version`. */
function chosenIn(folder: string, root: string): readonly string[] {
  for (let at = folder; ; at = dirname(at)) {
    const versions = wordsOf(join(at, '.python-version'))
    if (versions.length > 0) return versions
    if (dirname(at) === at) return wordsOf(join(root, 'version'))
  }
}

function wordsOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '')
  } catch {
    return []
  }
}
