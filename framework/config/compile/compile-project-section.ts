import { z } from 'zod'
import type { Problem } from '../../model/problem.ts'
import type { Job, Project } from '../../model/project.ts'
import type { Declarations } from '../schema/adapter-schemas.ts'
import { selectorOf } from '../schema/dbt-selectors.ts'
import { type ProjectSettings, projectFields } from '../schema/fields.ts'
import { type Subject, validate } from '../schema/validate.ts'
import { unknownTarget } from '../target/fill-variables.ts'
import { compileTarget } from './compile-target.ts'
import type { Head } from './compiled-file.ts'
import { isMapping, type Mapping } from './mapping.ts'

export interface CompiledHead {
  /** null when there are problems. */
  readonly head: Head | null
  /** What to read further, whatever else is wrong. */
  readonly include: readonly string[]
  readonly problems: readonly Problem[]
}

/** `defaults` and `assets` are judged by `compileAssets`. */
const elsewhere = z.unknown().optional()
const schema = z.strictObject({ ...projectFields, defaults: elsewhere, assets: elsewhere })

/**
 * What `assets.yaml` says besides assets. Problems: those of `validate` and `checkAdapter`,
 * `unknown-target`, `missing-default-target`, `invalid-include`.
 */
export async function compileHead(
  file: string,
  body: Mapping,
  declarations: Declarations,
): Promise<CompiledHead> {
  const subject: Subject = { name: file, at: { file, path: [] }, show: true }
  const checked = validate(schema, body, subject)
  const bodies = Object.entries(mappingIn(body.targets))
  if (bodies.length === 0) bodies.push(['local', {}])
  const targets = await Promise.all(
    bodies.map(([name, target]) => compileTarget(file, name, target, declarations)),
  )
  const names = bodies.map(([name]) => name)
  const include = patternsOf(body).filter(isInside)
  const problems = [
    ...checked.problems,
    ...targets.flatMap((target) => target.problems),
    ...targetProblems(file, body, names),
    ...patternProblems(file, body),
  ]
  const settings = checked.value
  const byDefault = settings?.default_target ?? defaultTarget(names)
  if (settings === undefined || byDefault === undefined || problems.length > 0) {
    return { head: null, include, problems }
  }
  const compiled = targets.flatMap(({ target }) => (target === null ? [] : [target]))
  const project: Head['project'] = {
    name: settings.project,
    defaultTarget: byDefault,
    targets: Object.fromEntries(compiled.map((target) => [target.name, target])),
    jobs: jobsOf(file, settings),
    pools: settings.pools ?? {},
    selectors: selectorsOf(settings),
    dbt: settings.dbt === undefined ? null : { projectDir: settings.dbt.project_dir },
  }
  return { head: { project, include }, include, problems }
}

const mappingIn = (value: unknown): Mapping => (isMapping(value) ? value : {})

function patternsOf({ include }: Mapping): readonly unknown[] {
  return Array.isArray(include) ? include : []
}

function isInside(pattern: unknown): pattern is string {
  if (typeof pattern !== 'string' || pattern === '' || pattern.includes('\\')) return false
  return !pattern.startsWith('/') && !pattern.split('/').includes('..')
}

function patternProblems(file: string, body: Mapping): readonly Problem[] {
  return patternsOf(body).flatMap((pattern, index) => {
    if (typeof pattern !== 'string' || pattern === '' || isInside(pattern)) return []
    return [
      {
        code: 'invalid-include',
        message: `${file}: include takes paths below the project, with "/", not ${JSON.stringify(pattern)}`,
        at: { file, path: ['include', index] },
        hint: 'name files as assets/*.yaml does',
      },
    ]
  })
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

function selectorsOf({ selectors = {} }: ProjectSettings): Project['selectors'] {
  const entries = Object.entries(selectors)
  return Object.fromEntries(entries.map(([name, field]) => [name, selectorOf(field)]))
}

/** Targets that are named and not there, and the default one where it can't be told. */
function targetProblems(file: string, body: Mapping, names: readonly string[]): readonly Problem[] {
  const { default_target, jobs, targets } = body
  if (targets !== undefined && !isMapping(targets)) return []
  const named = Object.entries(mappingIn(jobs)).map(([job, settings]) => ({
    path: ['jobs', job, 'target'],
    name: mappingIn(settings).target,
  }))
  const unknown = [{ path: ['default_target'], name: default_target }, ...named].flatMap(
    ({ path, name }) =>
      typeof name !== 'string' || names.includes(name)
        ? []
        : [{ ...unknownTarget(name, names), at: { file, path } }],
  )
  if (default_target !== undefined || defaultTarget(names) !== undefined) return unknown
  return [...unknown, missingDefault(file, names)]
}

function defaultTarget(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : names.find((name) => name === 'local')
}

function missingDefault(file: string, names: readonly string[]): Problem {
  return {
    code: 'missing-default-target',
    message: `${file} has several targets and does not say which one is meant when none is named`,
    at: { file, path: ['targets'], key: true },
    hint: `add "default_target: ${names[0]}"`,
  }
}
