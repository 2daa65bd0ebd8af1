import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'

export const PROJECT_FILE = 'assets.yaml'

/** Files that people write when they mean `assets.yaml`. */
const LOOKALIKES = ['assets.yml', 'asset.yaml', 'assets.json']

/** The nearest folder, from `cwd` upwards, that has an `assets.yaml`. Problem: `no-project`. */
export function findProject(cwd: string): Result<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return ok(folder)
    if (dirname(folder) === folder) return fail(noProject(cwd))
  }
}

/** The problem of a folder without a project; its hint names a file with nearly the right name. */
export function noProject(folder: string): Problem {
  const other = LOOKALIKES.find((name) => existsSync(join(folder, name)))
  return {
    code: 'no-project',
    message: `no ${PROJECT_FILE} in ${folder} or a folder above it`,
    hint: other === undefined ? hintFor(folder) : `rename ${other} to ${PROJECT_FILE}`,
  }
}

function hintFor(folder: string): string {
  return existsSync(join(folder, 'dbt_project.yml'))
    ? 'create one for the dbt project in this folder: assets init'
    : 'run assets in the folder of a project, or create one: assets init'
}
