import { existsSync } from 'node:fs'
import { join, normalize } from 'node:path/posix'
import { loadImport } from '../../../config/index.ts'
import { groupBy } from '../../../lib/group-by.ts'
import { pathFault } from '../../../lib/project-path.ts'
import { linkFault } from '../../../lib/real-place.ts'
import type { Asset } from '../../../model/asset.ts'
import type { FoundAsset } from '../../../model/found-asset.ts'
import { ok, type Problem, type Result } from '../../../model/problem.ts'
import { AssetTable } from '../../../model/tables/asset-table.ts'
import type { Site } from '../../../ports/site.ts'
import { importReporter } from '../../../report/import.ts'
import { type Context, EXIT } from '../../context.ts'
import { Mistakes } from '../../mistakes.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { differences } from './differences.ts'
import { ProjectFiles } from './project-files.ts'

export interface ImportOptions {
  readonly target: string | null
  /** The file of the imported assets; null for that of the last import, or the usual one. */
  readonly to: string | null
  /** Write nothing. */
  readonly check: boolean
}

const USUAL_FILE = 'assets/dbt.yaml'
const PROJECT_FILE = 'assets.yaml'

/**
 * `assets import dbt`: declares every asset that is found in dbt's project and that no YAML declares, in one file, and
 * sets `dbt: {models: declared}`. Later, it brings the file in step with dbt. Problems: those of the project,
 * `import-not-ours`, `import-unwritable`, `import-differs`.
 */
export async function importDbt(
  context: Context,
  output: Output,
  options: ImportOptions,
): Promise<number> {
  const mistakes = new Mistakes()
  const how = { reach: 'declarations', mistakes } as const
  const opened = await openWorkspace(context, options.target, output, how)
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const { root } = workspace.site
    const files = new ProjectFiles(root)
    const { IMPORT_MARK } = await loadImport()
    const isImported = (file: string) => files.read(file)?.split('\n')[0]?.includes(IMPORT_MARK)
    const last = workspace.project.files.find((file) => isImported(file) === true)
    const to = options.to === null ? (last ?? USUAL_FILE) : normalize(options.to)
    // A dependency in the file itself is brought in step.
    const others = mistakes.problems.filter(
      ({ code, at }) => code !== 'unknown-dependency' || at?.file !== (last ?? to),
    )
    if (others.length > 0) return await output.fail(others, EXIT.usage)
    const refused = refusal(workspace, to, last ?? null, existsSync(join(root, to)))
    if (refused !== null) return await output.fail([refused], EXIT.usage)
    const found = await foundBeside(workspace, to)
    if (!found.ok) return await output.fail(found.problems, EXIT.usage)
    return await sync(context, output, options, { workspace, files, to, ...found.value })
  } finally {
    await workspace.close()
  }
}

/** Why nothing is imported into a file; null if it can be. */
function refusal(
  { project, site: { root } }: Workspace,
  to: string,
  last: string | null,
  exists: boolean,
): Problem | null {
  if (project.dbt === null) {
    return {
      code: 'dbt-not-configured',
      message: 'the project has no `dbt:` key, so there is nothing to import',
      at: { file: PROJECT_FILE, path: [] },
      hint: `add to ${PROJECT_FILE}: dbt: {project_dir: dbt}`,
    }
  }
  if (last !== null && last !== to) {
    return {
      code: 'import-not-ours',
      message: `${last} has the imported assets already`,
      at: { file: last, line: 1, column: 1 },
      hint: `leave out --to, or rename ${last} to ${to} first`,
    }
  }
  const fault = pathFault(to, 'inside') ?? linkFault(root, to, 'inside')
  if (fault !== null) {
    const hint = `name one such as ${USUAL_FILE}, relative to ${PROJECT_FILE}`
    return { code: 'import-not-ours', message: `--to ${fault.message}`, hint }
  }
  if (to === PROJECT_FILE || !/\.ya?ml$/.test(to)) {
    return {
      code: 'import-not-ours',
      message: `${to} can't have the imported assets: it must be a YAML file of its own, in the project`,
      hint: `name one such as ${USUAL_FILE}, relative to ${PROJECT_FILE}`,
    }
  }
  if (last === null && exists) {
    return {
      code: 'import-not-ours',
      message: `${to} exists and was not written by assets import`,
      at: { file: to, line: 1, column: 1 },
      hint: 'name another file: assets import dbt --to assets/of_dbt.yaml',
    }
  }
  return null
}

interface FoundBeside {
  /** What dbt has. */
  readonly found: readonly FoundAsset[]
  /** What other files declare, by name. */
  readonly byHand: ReadonlyMap<string, Asset>
}

/** The assets that dbt's project would have if a file declared none. */
async function foundBeside(workspace: Workspace, file: string): Promise<Result<FoundBeside>> {
  const { site, kinds } = workspace
  const ours = new Set(site.project.files)
  const byHand = site.project.assets.all.filter((one) => one.file !== file && ours.has(one.file))
  const project = { ...site.project, assets: AssetTable.of(byHand) }
  const other: Site = Object.create(site, { project: { value: project } })
  const found = await (await kinds('dbt')).finder!.find(other)
  if (!found.ok) return found
  return ok({
    found: found.value.assets,
    byHand: new Map(byHand.map((asset) => [asset.name, asset])),
  })
}

interface Import extends FoundBeside {
  readonly workspace: Workspace
  readonly files: ProjectFiles
  readonly to: string
}

async function sync(
  context: Context,
  output: Output,
  { target, check }: ImportOptions,
  { workspace, files, to, found, byHand }: Import,
): Promise<number> {
  const { project } = workspace
  const { completeAssets, declareModels, importedAsset, syncAssets } = await loadImport()
  const imported = found.map(importedAsset)
  const own = imported.filter(({ name }) => !byHand.has(name))
  const before = files.read(to)
  const synced = syncAssets(before, own, (dep) => byHand.has(dep))
  if (own.length > 0 || before !== null) files.set(to, synced.text)
  if (project.dbt?.models === 'all') {
    // With `models: all`, an asset takes from dbt what its YAML leaves out.
    const partly = imported.filter(({ name }) => byHand.get(name)?.kind === 'dbt')
    for (const [file, assets] of groupBy(partly, ({ name }) => byHand.get(name)!.file))
      files.set(file, completeAssets(files.text(file), assets))
  }
  const isDeclared = own.length > 0 || before !== null
  const main = files.text(PROJECT_FILE)
  files.set(PROJECT_FILE, declareModels(main, isDeclared ? to : null))
  const report = {
    file: to,
    assets: own.length,
    added: synced.added,
    removed: synced.removed,
    changed: synced.changed,
    files: files.changed(),
    isCheck: check,
  }
  if (check || report.files.length === 0) {
    output.show(importReporter, report)
    return report.files.length === 0 ? EXIT.done : EXIT.notFresh
  }
  const written = files.write()
  if (!written.ok) return output.fail(written.problems, EXIT.failed)
  const differs = await differences(context, target, output, workspace)
  if (differs.length > 0) {
    files.restore()
    return output.fail(differs, EXIT.usage)
  }
  output.show(importReporter, report)
  return EXIT.done
}
