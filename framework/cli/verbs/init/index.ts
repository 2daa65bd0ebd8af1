import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path'
import { schema } from '../../../config/index.ts'
import { whyUnwritable } from '../../../lib/file-refusal.ts'
import { ok, type Problem, type Result } from '../../../model/problem.ts'
import { initReporter } from '../../../report/init.ts'
import { type Context, EXIT } from '../../context.ts'
import { homeOf, ignoreHome } from '../../home.ts'
import type { Output } from '../../output.ts'
import { declarationsOf, openWorkspace } from '../../workspace.ts'
import { dbtFolderIn } from './dbt-folder.ts'
import { filesForDbt, IGNORED, type SchemaPaths, starterFiles } from './starter-files.ts'

/**
 * `assets init`: creates a small project that builds without further setup. Existing files are kept. A
 * folder with a dbt project gets the lines that make its models assets, and no example files. In one with an
 * `assets.yaml`, nothing is changed. Problems: `init-unwritable`; those of dbt's project.
 */
export async function init(context: Context, output: Output, folder: string): Promise<number> {
  const root = resolve(context.cwd, folder)
  if (existsSync(join(root, 'assets.yaml'))) {
    const there = { project: 'there', found: [], written: [], kept: ['assets.yaml'] } as const
    output.show(initReporter, { folder: relative(context.cwd, root), ...there })
    return EXIT.done
  }
  const installed = installedSchemas(root)
  const copies = installed === null ? await schemaCopies(context) : {}
  const dbt = dbtFolderIn(root)
  const paths = installed ?? COPIES
  const files =
    dbt === null
      ? starterFiles(projectName(root), paths)
      : filesForDbt(dbt.name ?? projectName(root), dbt.dir, paths)
  const kept = Object.keys(files).filter((file) => existsSync(join(root, file)))
  const missing = Object.entries(files).filter(([file]) => !kept.includes(file))
  try {
    for (const [file, text] of [...missing, ...Object.entries(copies)]) write(root, file, text)
    ignoreHome(homeOf(root))
    const found = dbt === null ? ok([]) : await foundIn({ ...context, cwd: root }, output)
    output.show(initReporter, {
      folder: relative(context.cwd, root),
      project: dbt === null ? 'made' : 'of dbt',
      found: found.ok ? found.value : [],
      written: [...missing.map(([file]) => file), ...(dbt === null ? updateGitignore(root) : [])],
      kept,
    })
    return found.ok ? EXIT.done : output.fail(found.problems, EXIT.failed)
  } catch (error) {
    const { reason } = whyUnwritable((error as NodeJS.ErrnoException).path ?? root, error)
    const problem: Problem = {
      code: 'init-unwritable',
      message: `${root}: can't create a project: ${reason}`,
      detail: (error as Error).message,
      hint: 'choose a folder that you can write to: assets init FOLDER',
    }
    return output.fail([problem], EXIT.failed)
  }
}

/** What the kinds find in a new project, in words; its dbt project is parsed for that. */
async function foundIn(context: Context, output: Output): Promise<Result<readonly string[]>> {
  const opened = await openWorkspace(context, null, output)
  if (!opened.ok) return opened
  await opened.value.close()
  return ok(opened.value.found)
}

/** A valid project name from the name of the folder. */
function projectName(root: string): string {
  const name = basename(root).replaceAll(/[^A-Za-z0-9_-]+/g, '_')
  return /^[A-Za-z_]/.test(name) ? name : `project_${name}`.replace(/_+$/, '')
}

function write(root: string, file: string, text: string): void {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Adds the example's output to `.gitignore` if it is missing. Returns the files that changed. */
function updateGitignore(root: string): readonly string[] {
  const path = join(root, '.gitignore')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const present = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ''))
  if (present.includes(IGNORED.replace(/\/$/, ''))) return []
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  writeFileSync(path, `${text}${gap}${IGNORED}\n`)
  return ['.gitignore']
}

// ── Where an editor finds the schemas ──

/** Folder of the schemas in an installed package. */
const INSTALLED = join('node_modules', 'assets', 'dist')

/** The schemas of the package that is installed for this project; null when it is not installed. */
function installedSchemas(root: string): SchemaPaths | null {
  const folder = existingFolders(root).findLast((one) =>
    existsSync(join(one, INSTALLED, 'project.schema.json')),
  )
  if (folder === undefined) return null
  const installed = join(folder, INSTALLED)
  return {
    project: slashed(relative(root, join(installed, 'project.schema.json'))),
    assets: slashed(relative(join(root, 'assets'), join(installed, 'assets.schema.json'))),
  }
}

/** The folders on the way from the top to a path, as far as they exist. */
function existingFolders(path: string): readonly string[] {
  const { root: top } = parse(path)
  const folders = [top]
  for (const name of relative(top, path).split(sep)) {
    const folder = join(folders.at(-1)!, name)
    if (!existsSync(folder)) break
    folders.push(folder)
  }
  return folders
}

const slashed = (path: string) => path.replaceAll('\\', '/')

/** Copies of the schemas, for a package that is installed globally or run by npx. */
const COPIES: SchemaPaths = {
  project: '.assets/schema/project.schema.json',
  assets: '../.assets/schema/assets.schema.json',
}

async function schemaCopies(context: Context): Promise<Readonly<Record<string, string>>> {
  const { project, assets } = await schema(declarationsOf(context.registries))
  return {
    '.assets/schema/project.schema.json': `${JSON.stringify(project)}\n`,
    '.assets/schema/assets.schema.json': `${JSON.stringify(assets)}\n`,
  }
}
