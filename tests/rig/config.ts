import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type Declarations, loadProject, locateAll } from '../../framework/config/index.ts'
import { declaration as external } from '../../framework/kinds/external/declaration.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Problem, Result } from '../../framework/model/problem.ts'
import type { Project } from '../../framework/model/project.ts'
import { problemsText } from '../../framework/report/problem.ts'
import { plainStyle } from './problem-text.ts'

const text = z.string().min(1)
const declarationOf = (fields: z.ZodRawShape) => async () => ({ fields })

/**
 * Small declarations with each type of field: required, optional, list, union, number, nested
 * object.
 */
export const declarations: Declarations = {
  kinds: {
    airbyte: declarationOf({
      connection: text,
      stream: text,
      sync: z
        .enum(['full_refresh', 'incremental_append', 'incremental_dedup'])
        .default('full_refresh'),
      primary_key: z.array(text).optional(),
    }),
    dbt: declarationOf({ model: text.optional() }),
    extract: declarationOf({ to: text, order_by: z.array(text).optional() }),
    command: declarationOf({
      run: z.union([text, z.array(text).min(1)]),
      env: z.array(z.string().regex(/^[A-Z_]+$/, 'the name of a variable')).optional(),
    }),
    external: async () => ({
      fields: { path: text.optional(), relation: text.optional() },
      ...(external.without && { without: external.without }),
    }),
  },
  warehouses: {
    duckdb: declarationOf({ path: text, threads: z.int().positive().optional() }),
    snowflake: declarationOf({
      account: text,
      auth: z.enum(['password', 'token']).default('password'),
      password: text.optional(),
      port: z.int().default(443),
      keep_alive: z.boolean().optional(),
    }),
  },
  connections: {
    postgres: declarationOf({
      url: text.default('embedded'),
      embedded: z
        .strictObject({
          init: z.array(text).min(1),
          settings: z.record(z.string(), z.number()).optional(),
        })
        .optional(),
    }),
  },
  states: { sqlite: declarationOf({ path: text.default('.assets/state.sqlite') }) },
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** A project folder with these files, removed when the test ends. */
export function projectFolder(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'assets-config-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  writeFiles(root, files)
  return root
}

export function writeFiles(root: string, files: Files): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
}

/** Loads a project without its cache. */
export function load(root: string): Promise<Result<Project>> {
  return loadProject({ root, cache: null, build: 'test', declarations })
}

/** The project in these files. Throws if it has problems. */
export async function projectIn(files: Files): Promise<Project> {
  const loaded = await load(projectFolder(files))
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.message).join('\n'))
  return loaded.value
}

/** A project whose assets are a plain list. */
export type PlainProject = Omit<Project, 'assets'> & { readonly assets: readonly Asset[] }

export function withoutAssetTable(project: Project): PlainProject {
  return { ...project, assets: project.assets.all }
}

/** The located problems of a folder. Throws if there are none. */
export async function problemsIn(root: string): Promise<readonly Problem[]> {
  const loaded = await load(root)
  if (loaded.ok) throw new Error('a project without problems')
  return locateAll(loaded.problems, root)
}

/** Problems as the console prints them. */
export function renderProblems(problems: readonly Problem[], root: string): string {
  const source = (file: string) => {
    try {
      return readFileSync(join(root, file), 'utf8')
    } catch {
      return null
    }
  }
  return problemsText(problems, { style: plainStyle, level: 'error', source }).replaceAll(
    root,
    '<root>',
  )
}
