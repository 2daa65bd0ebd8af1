import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { schema } from '../config/index.ts'
import type { Problem } from '../model/problem.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { IGNORED, type SchemaPaths, starterFiles } from './starter-files.ts'
import { declarationsOf } from './workspace.ts'

/**
 * `assets init`: a small project that builds at once. Nothing that exists is overwritten; where there
 * is an `assets.yaml` already, no example is put beside it. Problems: `init-unwritable`.
 */
export async function init(context: Context, output: Output, folder: string): Promise<number> {
  const root = resolve(context.cwd, folder)
  const isNew = !existsSync(join(root, 'assets.yaml'))
  const installed = installedSchemas(root)
  const copies = installed === null ? await schemaCopies(context) : {}
  const files = isNew ? starterFiles(projectName(root), installed ?? COPIED) : {}
  const found = Object.keys(files).filter((file) => existsSync(join(root, file)))
  const missing = Object.entries(files).filter(([file]) => !found.includes(file))
  try {
    for (const [file, text] of [...missing, ...Object.entries(copies)]) write(root, file, text)
    output.made({
      folder: relative(context.cwd, root),
      project: isNew ? 'made' : 'there',
      written: [...missing.map(([file]) => file), ...ignore(root)],
      kept: isNew ? found : ['assets.yaml'],
    })
    return EXIT.done
  } catch (error) {
    const problem: Problem = {
      code: 'init-unwritable',
      message: `no project can be made in ${root}: ${(error as Error).message}`,
      hint: 'name a folder that you may write to: assets init FOLDER',
    }
    return output.tell([problem], EXIT.failed)
  }
}

/** The folder's name, as a project may be called. */
function projectName(root: string): string {
  const name = basename(root).replaceAll(/[^A-Za-z0-9_-]+/g, '_')
  return /^[A-Za-z_]/.test(name) ? name : `project_${name}`.replace(/_+$/, '')
}

function write(root: string, file: string, text: string): void {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Adds to `.gitignore` what it lacks; gives the files that were touched. */
function ignore(root: string): readonly string[] {
  const path = join(root, '.gitignore')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const known = text.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, ''))
  const lacking = IGNORED.filter((line) => !known.includes(line.replace(/\/$/, '')))
  if (lacking.length === 0) return []
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  writeFileSync(path, `${text}${gap}${lacking.map((line) => `${line}\n`).join('')}`)
  return ['.gitignore']
}

// ── Where an editor finds the schemas ──

const SHIPPED = join('node_modules', 'assets', 'dist')

/** Where the package is installed for this project, its own files are the ones to name. */
function installedSchemas(root: string): SchemaPaths | null {
  for (let folder = root; ; folder = dirname(folder)) {
    const shipped = join(folder, SHIPPED)
    if (existsSync(join(shipped, 'project.schema.json'))) {
      return {
        project: slashed(relative(root, join(shipped, 'project.schema.json'))),
        assets: slashed(relative(join(root, 'assets'), join(shipped, 'assets.schema.json'))),
      }
    }
    if (dirname(folder) === folder) return null
  }
}

const slashed = (path: string) => path.replaceAll('\\', '/')

/** Installed elsewhere (globally, or run once by npx), the package leaves copies in `.assets/`. */
const COPIED: SchemaPaths = {
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
