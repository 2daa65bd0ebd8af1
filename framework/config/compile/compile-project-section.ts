import { z } from 'zod'
import { pathFault } from '../../lib/project-path.ts'
import type { KindName } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { DbtSettings, Job, PolicyRule, Project } from '../../model/project.ts'
import type { Declarations } from '../schema/adapter-schemas.ts'
import { selectorOf } from '../schema/dbt-selectors.ts'
import { type ProjectSettings, projectFields } from '../schema/fields.ts'
import { type Subject, validate } from '../schema/validate.ts'
import { type LeftOut, NOTHING_LEFT_OUT } from '../sound/left-out.ts'
import { soundSettings } from '../sound/sound-settings.ts'
import { unknownTarget } from '../target/fill-variables.ts'
import { unknownType } from './compile-adapter.ts'
import { compileTarget } from './compile-target.ts'
import { partialPolicyOf } from './compiled-assets-builder.ts'
import type { ProjectSection } from './compiled-file.ts'
import { isMapping, type Mapping } from './mapping.ts'
import { unknownPool } from './pools.ts'

export interface CompiledProjectSection {
  /** Without what has problems; null if too little is left. */
  readonly project: ProjectSection | null
  readonly leftOut: LeftOut
  /** The valid patterns of `include:`, even if there are problems. */
  readonly include: readonly string[]
  readonly problems: readonly Problem[]
}

/** `compileAssets` validates `defaults` and `assets`. */
const checkedElsewhere = z.unknown().optional()
const schema = z.strictObject({
  ...projectFields,
  defaults: checkedElsewhere,
  assets: checkedElsewhere,
})

/**
 * Validates the keys of `assets.yaml` besides `defaults` and `assets`. Problems: those of `validate`
 * and `checkAdapter`, `unknown-target`, `unknown-type`, `missing-default-target`.
 */
export async function compileProjectSection(
  file: string,
  body: Mapping,
  declarations: Declarations,
): Promise<CompiledProjectSection> {
  const subject: Subject = { name: file, at: { file, path: [] }, mayShowValue: true }
  const checked = validate(schema, body, subject)
  const bodies = Object.entries(mappingIn(body.targets))
  if (bodies.length === 0) bodies.push(['local', {}])
  const targets = await Promise.all(
    bodies.map(([name, target]) =>
      compileTarget(file, name, target, declarations, body.dbt !== undefined),
    ),
  )
  const names = bodies.map(([name]) => name)
  const include = patternsOf(body).filter(isProjectPath)
  const problems = [
    ...checked.problems,
    ...targets.flatMap((target) => target.problems),
    ...targetProblems(file, body, names),
    ...policyPoolProblems(file, checked.value),
    ...requirementsProblems(file, checked.value, declarations),
  ]
  const sound =
    checked.value === undefined
      ? soundSettings(schema, body, names)
      : { settings: checked.value, leftOut: NOTHING_LEFT_OUT, policies: null }
  if (sound === null) return { project: null, leftOut: NOTHING_LEFT_OUT, include, problems }
  const { settings } = sound
  const stated = settings.default_target
  const defaultTargetName =
    (stated !== undefined && names.includes(stated) ? stated : impliedDefaultTarget(names)) ??
    names[0]!
  const projectSettings: ProjectSection['settings'] = {
    name: settings.project,
    defaultTarget: defaultTargetName,
    targets: Object.fromEntries(targets.map(({ target }) => [target.name, target])),
    policies: policiesOf(file, settings, sound.policies),
    jobs: jobsOf(file, settings),
    pools: settings.pools ?? {},
    selectors: selectorsOf(settings),
    dbt: settings.dbt === undefined ? null : dbtSettingsOf(settings.dbt),
  }
  const wrong = bodies.filter(([name], index) => {
    return sound.leftOut.targets.has(name) || targets[index]!.problems.length > 0
  })
  const leftOut = {
    ...sound.leftOut,
    targets: new Set(wrong.map(([name]) => name)),
    texts: [...sound.leftOut.texts, ...wrong.map(([, target]) => JSON.stringify(target))],
  }
  return { project: { settings: projectSettings, include }, leftOut, include, problems }
}

function dbtSettingsOf(dbt: NonNullable<ProjectSettings['dbt']>): DbtSettings {
  const {
    project_dir,
    python = null,
    requirements = null,
    target = null,
    profile = null,
    models = 'all',
    select,
    exclude = [],
    vars = {},
  } = dbt
  return {
    projectDir: project_dir,
    python,
    requirements,
    target,
    profile,
    models,
    select: select === undefined ? null : [select].flat(),
    exclude: [exclude].flat(),
    vars,
  }
}

/** The kind of an asset without a `kind:`: that of dbt's nodes, if all of them are assets; else null. */
export function kindOfUnnamed(body: Mapping): KindName | null {
  return isMapping(body.dbt) && body.dbt.models !== 'declared' ? 'dbt' : null
}

/** Requirements of a type of warehouse that does not exist. */
function requirementsProblems(
  file: string,
  settings: ProjectSettings | undefined,
  { warehouses }: Declarations,
): readonly Problem[] {
  const requirements = settings?.dbt?.requirements ?? {}
  const types = typeof requirements === 'string' ? [] : Object.keys(requirements)
  return types
    .filter((type) => !Object.hasOwn(warehouses, type))
    .map((type) =>
      unknownType(type, 'warehouse', Object.keys(warehouses), 'dbt.requirements', {
        file,
        path: ['dbt', 'requirements', type],
        key: true,
      }),
    )
}

const mappingIn = (value: unknown): Mapping => (isMapping(value) ? value : {})

function patternsOf({ include }: Mapping): readonly unknown[] {
  return Array.isArray(include) ? include : []
}

function isProjectPath(pattern: unknown): pattern is string {
  return typeof pattern === 'string' && pattern !== '' && pathFault(pattern, 'inside') === null
}

function jobsOf(file: string, { jobs = {} }: ProjectSettings): Readonly<Record<string, Job>> {
  const entries = Object.entries(jobs).map(([name, job]): [string, Job] => [
    name,
    {
      name,
      select: job.select,
      exclude: job.exclude ?? null,
      target: job.target ?? null,
      schedule: job.schedule ?? null,
      at: { file, path: ['jobs', name] },
    },
  ])
  return Object.fromEntries(entries)
}

/** `indexes`: where each of them is in the file, if some are left out. */
function policiesOf(
  file: string,
  { policies = [] }: ProjectSettings,
  indexes: readonly number[] | null,
): readonly PolicyRule[] {
  return policies.map(({ select, exclude = null, ...settings }, k) => ({
    select,
    exclude,
    policy: partialPolicyOf(settings),
    keys: Object.keys(settings),
    at: { file, path: ['policies', indexes?.[k] ?? k] },
  }))
}

/** Pools of policies that `pools:` does not have. */
function policyPoolProblems(
  file: string,
  settings: ProjectSettings | undefined,
): readonly Problem[] {
  const { policies = [], pools = {} } = settings ?? {}
  return policies.flatMap(({ pool }, index) =>
    pool === undefined || Object.hasOwn(pools, pool)
      ? []
      : [
          unknownPool('a policy', pool, Object.keys(pools), {
            file,
            path: ['policies', index, 'pool'],
          }),
        ],
  )
}

function selectorsOf({ selectors = {} }: ProjectSettings): Project['selectors'] {
  const entries = Object.entries(selectors)
  return Object.fromEntries(entries.map(([name, field]) => [name, selectorOf(field)]))
}

/** Names of targets that don't exist, and a missing `default_target`. */
function targetProblems(file: string, body: Mapping, names: readonly string[]): readonly Problem[] {
  const { default_target, jobs, targets } = body
  if (targets !== undefined && !isMapping(targets)) return []
  const ofJobs = Object.entries(mappingIn(jobs)).map(([job, settings]) => ({
    path: ['jobs', job, 'target'],
    name: mappingIn(settings).target,
  }))
  const unknown = [{ path: ['default_target'], name: default_target }, ...ofJobs].flatMap(
    ({ path, name }) =>
      typeof name !== 'string' || names.includes(name)
        ? []
        : [{ ...unknownTarget(name, names), at: { file, path } }],
  )
  if (default_target !== undefined || impliedDefaultTarget(names) !== undefined) return unknown
  return [...unknown, missingDefaultTarget(file, names)]
}

/** The target that commands use if `default_target` is absent. */
function impliedDefaultTarget(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : names.find((name) => name === 'local')
}

function missingDefaultTarget(file: string, names: readonly string[]): Problem {
  return {
    code: 'missing-default-target',
    message: `${file} has several targets and no default target`,
    at: { file, path: ['targets'], key: true },
    hint: `add "default_target: ${names[0]}"`,
  }
}
