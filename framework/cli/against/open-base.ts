import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { PROJECT_FILE } from '../../config/index.ts'
import { asBuilt, unbuilt } from '../../execute/as-built.ts'
import type { Location, Pointer } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { StateSnapshot } from '../../model/record.ts'
import type { Base, BaseProject } from '../../plan/against.ts'
import type { AllColumnFacts } from '../../plan/known-columns.ts'
import type { BaseFolders } from '../../ports/kind.ts'
import { declaredParts } from '../../staleness/gather.ts'
import { columnFacts } from '../column-facts.ts'
import type { Context } from '../context.ts'
import { homeOf } from '../home.ts'
import { definitionsOf } from '../survey.ts'
import { openWorkspace, type Workspace, type WorkspaceListener } from '../workspace.ts'
import { layOut } from './base-tree.ts'
import type { Repository } from './git.ts'
import { shareFiles } from './shared-files.ts'

/** The project of the commit that the working tree is compared with, right after all of it was built. */
export interface OpenedBase {
  readonly project: BaseProject
  readonly state: StateSnapshot
  /** What the commit lacks, so that nothing of it was built; null: nothing. */
  readonly lacks: 'project' | 'target' | null
  /** The project root there, relative to that of the working tree. */
  readonly folder: string
  /** What its files say of columns. */
  columns(): Promise<AllColumnFacts>
  close(): Promise<void>
}

/**
 * Opens the project of a commit with the ordinary code, in a tree of its own below `.assets/against/`, with its own caches. It
 * gets the environment variables, the files that git ignores and the tools of the working tree. Problems: those of the
 * project there, with their files in that tree, and `base-invalid`.
 */
export async function openBase(
  context: Context,
  work: Workspace,
  repository: Repository,
  base: Base,
  listener: WorkspaceListener,
): Promise<Result<OpenedBase>> {
  const { site } = work
  const outside = outsideOf(work, repository)
  if (outside !== null) return fail(outside)
  const tree = await layOut(repository, base.commit, site.home, Date.now())
  if (!tree.ok) return tree
  const { top, lacking } = tree.value
  const root = join(top, repository.prefix)
  const folder = relative(site.root, root)
  if (!existsSync(join(root, PROJECT_FILE))) return ok(nothing('project', folder))
  for (const path of lacking) {
    listener.notice(`the submodule ${path} is not at hand at its commit, so it is empty there`)
  }
  const lent = await lendAll(context, work, { root, top: repository.top })
  const shared = await shareFiles(repository, top, lent)
  if (!shared.ok) return shared
  sharePython(homeOf(root), site.home)

  const own = { ...context, cwd: root, env: { ...context.env, ...lent.env }, isShared: true }
  const opened = await openWorkspace(own, site.target.name, listener, { reach: 'declarations' })
  if (!opened.ok) {
    const isTarget = opened.problems.some(({ code }) => code === 'unknown-target')
    return isTarget
      ? ok(nothing('target', folder))
      : fail(...unusable(opened.problems, base, folder))
  }
  const workspace = opened.value
  const close = () => workspace.close()
  const defined = await definitionsOf(workspace, { parses: true, installs: true })
  const problems = defined.problems.filter(({ code }) => code !== ELSEWHERE)
  const declared = declaredParts(defined, workspace.project.assets)
  if (problems.length > 0 || !declared.ok) {
    await close()
    return fail(...unusable(declared.ok ? problems : declared.problems, base, folder))
  }
  const { definitions, checks } = declared.value
  const state = asBuilt(declared.value, site.clock())
  const columns = () => columnFacts(workspace.kinds, workspace.site, definitions)
  return ok({ project: { definitions, checks }, state, lacks: null, folder, columns, close })
}

/** Nothing is built there, so where dbt would build does not matter. */
const ELSEWHERE = 'dbt-other-warehouse'

function nothing(lacks: 'project' | 'target', folder: string): OpenedBase {
  const project = { definitions: new Map(), checks: new Map() }
  const columns = async () => new Map()
  return { project, state: unbuilt, lacks, folder, columns, close: async () => {} }
}

/** What all kinds lend. */
async function lendAll({ registries }: Context, { kinds, site }: Workspace, base: BaseFolders) {
  const names = Object.keys(registries.kinds)
  const all = await Promise.all(names.map(async (name) => (await kinds(name)).lender))
  const lent = all.flatMap((lender) => (lender === undefined ? [] : [lender.lend(site, base)]))
  return {
    env: Object.assign({}, ...lent.map(({ env }) => env)) as Readonly<Record<string, string>>,
    also: [join(site.root, '.env'), ...lent.flatMap(({ also }) => also)],
    not: lent.flatMap(({ not }) => not),
  }
}

/** Python environments are large and can't be moved, so there is one for both. */
function sharePython(home: string, ofWork: string): void {
  const link = join(home, 'python')
  mkdirSync(home, { recursive: true })
  mkdirSync(join(ofWork, 'python'), { recursive: true })
  try {
    symlinkSync(join(ofWork, 'python'), link)
  } catch (error) {
    if (!existsSync(link)) throw error
  }
}

/** The problem of a dbt project that no commit of this repository has. */
function outsideOf({ project, site }: Workspace, { top }: Repository): Problem | null {
  if (project.dbt === null) return null
  const folder = resolve(site.root, project.dbt.projectDir)
  if (!relative(top, folder).startsWith('..')) return null
  return {
    code: 'against-outside',
    message: `the dbt project ${folder} is not in the git repository ${top}, so no commit of it says what it was`,
    at: { file: project.files[0] ?? PROJECT_FILE, path: ['dbt', 'project_dir'] },
    hint: 'run it where one repository has both',
    mistake: true,
  }
}

/** The problems of the base as seen from the working tree. */
function unusable(problems: readonly Problem[], base: Base, folder: string): readonly Problem[] {
  const name = `${base.ref} (${base.short})`
  const moved = problems.map((problem): Problem => {
    const { at, related, message, code } = problem
    return {
      ...problem,
      message:
        code === 'dbt-packages'
          ? `the packages of ${name} are not those of the working tree, and ${message}`
          : message,
      ...(at === undefined ? {} : { at: below(folder, at) }),
      ...(related === undefined
        ? {}
        : { related: related.map((one) => ({ ...one, at: below(folder, one.at) })) }),
    }
  })
  return [
    ...moved,
    {
      code: 'base-invalid',
      message: `the project of ${name} has ${problems.length === 1 ? 'this problem' : 'these problems'}, so the working tree can't be compared with it`,
      hint: 'name another commit with --against, or correct it there',
      mistake: true,
    },
  ]
}

function below<T extends Location | Pointer>(folder: string, at: T): T {
  return { ...at, file: join(folder, at.file) }
}
