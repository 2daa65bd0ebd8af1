import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { schema } from '../../../config/index.ts'
import type { Problem } from '../../../model/problem.ts'
import { initReporter } from '../../../report/init.ts'
import { type Context, EXIT } from '../../context.ts'
import { homeOf, ignoreHome } from '../../home.ts'
import type { Output } from '../../output.ts'
import { declarationsOf } from '../../workspace.ts'
import { IGNORED, type SchemaPaths, starterFiles } from './starter-files.ts'

/**
 * `assets init`: creates a small project that builds without further setup. Existing files are kept. A
 * folder with an `assets.yaml` gets no example files. Problem: `init-unwritable`.
 */
export async function init(context: Context, output: Output, folder: string): Promise<number> {
  const root = resolve(context.cwd, folder)
  const isNew = !existsSync(join(root, 'assets.yaml'))
  const installed = installedSchemas(root)
  const copies = installed === null ? await schemaCopies(context) : {}
  const files = isNew ? starterFiles(projectName(root), installed ?? COPIES) : {}
  const found = Object.keys(files).filter((file) => existsSync(join(root, file)))
  const missing = Object.entries(files).filter(([file]) => !found.includes(file))
  try {
    for (const [file, text] of [...missing, ...Object.entries(copies)]) write(root, file, text)
    ignoreHome(homeOf(root))
    output.show(initReporter, {
      folder: relative(context.cwd, root),
      project: isNew ? 'made' : 'there',
      written: [...missing.map(([file]) => file), ...(isNew ? updateGitignore(root) : [])],
      kept: isNew ? found : ['assets.yaml'],
    })
    return EXIT.done
  } catch (error) {
    const problem: Problem = {
      code: 'init-unwritable',
      message: `${root}: can't create a project: ${(error as Error).message}`,
      hint: 'choose a folder that you can write to: assets init FOLDER',
    }
    return output.fail([problem], EXIT.failed)
  }
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
  for (let folder = root; ; folder = dirname(folder)) {
    const installed = join(folder, INSTALLED)
    if (existsSync(join(installed, 'project.schema.json'))) {
      return {
        project: slashed(relative(root, join(installed, 'project.schema.json'))),
        assets: slashed(relative(join(root, 'assets'), join(installed, 'assets.schema.json'))),
      }
    }
    if (dirname(folder) === folder) return null
  }
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
