import { Cron } from 'croner'
import { z } from 'zod'
import { DURATION } from '../../lib/duration.ts'
import type { KindName } from '../../model/asset.ts'
import { label, longText, pathField } from '../../ports/fields.ts'
import { selectorField } from './dbt-selectors.ts'
import { patternString } from './pattern-string.ts'

/** Not the words of Dagster's selections, which could not select it. */
const ASSET_NAME =
  /^(?!(?:and|or|not|AND|OR|NOT)$)[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/
/** So that a file can have the name, with something before and after it. */
export const MAX_NAME = 200
const NAME_TOO_LONG = `is longer than ${MAX_NAME} characters`
const FIVE_FIELDS = /^\S+(\s+\S+){4}$/

export const assetName = patternString(
  ASSET_NAME,
  'a valid asset name: letters, digits and _, not starting with a digit, with "." between parts',
).max(MAX_NAME, NAME_TOO_LONG)

/** Names of projects, targets, connections, jobs and selectors. */
const plainName = patternString(
  PLAIN_NAME,
  'a valid name: letters, digits, _ and -, not starting with a digit',
).max(MAX_NAME, NAME_TOO_LONG)

const text = z.string().min(1)
/** A `DURATION` longer than zero. */
const POSITIVE_DURATION = new RegExp(`^(?=.*[1-9])${DURATION.source.slice(1)}`)
const duration = patternString(POSITIVE_DURATION, 'a duration such as 30s, 90m, 1h30m or 1d')

const cron = patternString(
  FIVE_FIELDS,
  'five cron fields (minute hour day month weekday), such as "0 2 * * *"',
).superRefine((pattern, context) => {
  const fault = FIVE_FIELDS.test(pattern) ? cronError(pattern) : null
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

function cronError(pattern: string): string | null {
  try {
    const next = new Cron(pattern, { mode: '5-part', timezone: 'UTC' }).nextRun()
    return next === null ? 'is not a valid cron expression: no date matches it' : null
  } catch (error) {
    return `is not a valid cron expression: ${(error as Error).message.replace(/^CronPattern: /, '')}`
  }
}

const timezone = z.string().refine(isTimezone, 'a time zone such as UTC or Europe/Berlin')

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

const freshness = z.union([
  z.strictObject({
    max_age: duration.describe('Maximum age, such as 1h: stale when the last build is older.'),
  }),
  z.strictObject({
    cron: cron.describe('Stale when one of these times has passed since the last build.'),
    timezone: timezone.describe('The time zone of `cron`, such as UTC or Europe/Berlin.'),
  }),
])

/** The keys of an asset that say how it is judged and built: a policy. */
export const policyFields = {
  freshness: freshness
    .optional()
    .describe(
      'Maximum age, or a schedule, after which it is stale even if no change was detected.',
    ),
  data_version: z
    .enum(['default', 'content', 'derived', 'change_token', 'always_new'])
    .optional()
    .describe(
      'How to detect that its data changed: a hash of the content, the versions of code and inputs (derived), the token that the storage changes with every write, or every build counts as a change (always_new).',
    ),
  volatile_columns: z
    .array(label)
    .optional()
    .describe('Columns whose changes do not make the assets that read it stale.'),
  on_drift: z
    .enum(['default', 'rebuild', 'adopt'])
    .optional()
    .describe(
      'What to do when something other than assets changed its data: rebuild it, or adopt the change.',
    ),
  on_code: z
    .enum(['full_refresh', 'keep_history'])
    .optional()
    .describe(
      'What a code change does to data that was built incrementally: rebuild all of it, or keep the rows.',
    ),
  code_version: longText
    .min(1)
    .optional()
    .describe(
      'Replaces the computed code version: a change of code makes the asset stale only if this text changes.',
    ),
  retries: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('Attempts after a failure, of any cause. Default: 2, after transient failures only.'),
  timeout: duration.optional().describe('The longest time for one attempt, such as 1h.'),
  pool: plainName
    .optional()
    .describe('A pool of `pools:` in assets.yaml: limits how many of its builds run at once.'),
  checks: z
    .strictObject({
      block: z
        .enum(['error', 'never'])
        .optional()
        .describe(
          'error (the default): failed checks of error severity block what is below. never: they are only reported.',
        ),
    })
    .optional()
    .describe('What happens when a check of this asset fails.'),
}

/** The value of a tag. It may be empty. */
const tagValue = longText.max(255, 'is longer than 255 characters')

/** The keys that every kind of asset takes, besides `kind`. */
export const commonFields = {
  deps: z.array(assetName).optional().describe('The assets that it reads.'),
  description: longText.optional().describe('What it contains, for people.'),
  group: label.optional().describe('The group that it belongs to, for selections: `group:marts`.'),
  owners: z.array(label).optional().describe('The people or teams responsible for it.'),
  tags: z
    .union([z.array(label), z.record(label, tagValue)])
    .optional()
    .describe('Labels for selections: a list, or a mapping of keys to values.'),
  ...policyFields,
}

/** Whether every kind takes this key. */
export function isCommonKey(key: string): boolean {
  return key === 'kind' || Object.hasOwn(commonFields, key)
}

/** The common keys of a validated asset. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonFields>> & {
  readonly kind: KindName
}

const policyRule = z.strictObject({
  select: text.describe(
    'The assets that it is for, as on the command line. `state:` is not allowed.',
  ),
  exclude: text.optional().describe('Assets to leave out.'),
  ...policyFields,
})

/** Whether a key is one of a policy. */
export function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(policyFields, key)
}

export type PolicyKey = keyof typeof policyFields

/** A validated policy. */
export type PolicySettings = z.infer<z.ZodObject<typeof policyFields>>

const job = z.strictObject({
  select: text.describe('The selection to build, as on the command line.'),
  exclude: text.optional().describe('The selection to leave out.'),
  target: z.string().optional().describe('The target to build in. Default: the default target.'),
  schedule: cron
    .optional()
    .describe('When to run it, for an external scheduler: assets does not start jobs.'),
})

/** Validated by the declaration of the adapter that `type` names. */
const adapter = z.unknown().optional()

const target = z.strictObject({
  warehouse: adapter.describe(
    "The database that holds the tables and views. Default with a dbt project: `{from: dbt}`, where dbt's profile leads.",
  ),
  connections: z
    .record(plainName, adapter)
    .optional()
    .describe('The connections, by name: those that deliver raw tables, and Tableau.'),
  state: adapter.describe('Where records are stored. Default: a SQLite file in .assets.'),
  confirm: z
    .boolean()
    .optional()
    .describe('Ask for confirmation on a terminal before building here; `--yes` confirms.'),
})

const requirementsFile = pathField('anywhere', 'A requirements file.')

const selection = z.union([text, z.array(text)])

const dbt = z
  .strictObject({
    project_dir: pathField('anywhere', 'The folder that contains dbt_project.yml.'),
    python: pathField(
      'anywhere',
      'The Python that runs dbt: a virtual environment or an interpreter; ~ is allowed. own: the environment that assets creates. Default: the virtual environment in use, .venv or venv beside the dbt project, dbt on PATH, own.',
      'home',
    ).optional(),
    requirements: z
      .union([requirementsFile, z.record(label, requirementsFile)])
      .optional()
      .describe(
        "The requirements file that dbt's own environment is created from; or one for each type of warehouse. Default: the versions that come with assets.",
      ),
    target: label
      .optional()
      .describe(
        "The output of dbt's profile to use in every target. Default: the one with the name of the target, else the profile's default.",
      ),
    profile: label.optional().describe('The dbt profile. Default: `profile` in dbt_project.yml.'),
    models: z
      .enum(['all', 'declared'])
      .optional()
      .describe(
        'all (the default): every enabled model, seed, snapshot and function is an asset. declared: only those below `assets:` are.',
      ),
    select: selection
      .optional()
      .describe("Which of dbt's nodes are assets, as dbt's `--select`. Default: all of them."),
    exclude: selection
      .optional()
      .describe("Which of dbt's nodes are no assets, as dbt's `--exclude`."),
    vars: z
      .record(text, z.json())
      .optional()
      .describe("Values of dbt's `var()`, as dbt's `--vars`."),
  })
  .refine(
    ({ python, requirements }) => python === undefined || requirements === undefined,
    'must have only one of python and requirements: an environment in `python` is used as it is',
  )
  .meta({ not: { required: ['python', 'requirements'] } })

/** The keys of `assets.yaml` besides `defaults` and `assets`. */
export const projectFields = {
  version: z.literal(1).describe('The version of this file format.'),
  project: plainName.describe('The name of the project.'),
  default_target: z
    .string()
    .optional()
    .describe('The target that commands use without `--target`.'),
  include: z
    .array(pathField('inside', 'A path or a pattern, such as assets/*.yaml.'))
    .optional()
    .describe('Files that declare more assets: paths or patterns, such as assets/*.yaml.'),
  dbt: dbt.optional().describe('The dbt project that assets of kind dbt belong to.'),
  targets: z.record(plainName, target).optional().describe('Environments to build in, by name.'),
  pools: z
    .record(
      plainName,
      z.int().min(1).max(1_000).describe('How many of its builds may run at once.'),
    )
    .optional()
    .describe('Limits shared by several assets, by name.'),
  policies: z
    .array(policyRule)
    .optional()
    .describe('Policies for many assets. Of two that set a key of an asset, the later one counts.'),
  jobs: z.record(plainName, job).optional().describe('Named selections to run, by name.'),
  selectors: z
    .record(plainName, selectorField)
    .optional()
    .describe('Named selections, by name: `selector:name` on the command line.'),
}

export type ProjectSettings = z.infer<z.ZodObject<typeof projectFields>>
