import { Cron } from 'croner'
import { z } from 'zod'
import { DURATION } from '../../lib/duration.ts'
import { KIND_NAMES } from '../../model/asset.ts'
import { selectorField } from './dbt-selectors.ts'
import { formed } from './pattern-string.ts'

const ASSET_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/
const FIVE_FIELDS = /^\S+(\s+\S+){4}$/

export const assetName = formed(
  ASSET_NAME,
  'a name of letters, digits and _, not starting with a digit; "." parts it',
)

/** Names of projects, targets, connections, jobs and selectors. */
export const plainName = formed(
  PLAIN_NAME,
  'a name of letters, digits, _ and -, not starting with a digit',
)

const text = z.string().min(1)
/** As `DURATION`, and longer than nothing. */
const LASTING = new RegExp(`^(?=.*[1-9])${DURATION.source.slice(1)}`)
const duration = formed(LASTING, 'a duration such as 30s, 90m, 1h30m or 1d')

export const cron = formed(
  FIVE_FIELDS,
  'five cron fields (minute hour day month weekday), such as "0 2 * * *"',
).superRefine((pattern, context) => {
  const fault = FIVE_FIELDS.test(pattern) ? cronFault(pattern) : null
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

function cronFault(pattern: string): string | null {
  try {
    const next = new Cron(pattern, { mode: '5-part', timezone: 'UTC' }).nextRun()
    return next === null ? 'names a day that never comes' : null
  } catch (error) {
    return `is no cron time: ${(error as Error).message.replace(/^CronPattern: /, '')}`
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
  z.strictObject({ max_age: duration.describe('Load again when the last load is older.') }),
  z.strictObject({
    cron: cron.describe('Load again when one of these times has passed since the last load.'),
    timezone: timezone.describe('Where the clock of `cron` hangs.'),
  }),
])

/** The keys that every kind of asset takes. */
export const commonFields = {
  kind: z.enum(KIND_NAMES).describe('How the asset is built.'),
  deps: z.array(assetName).optional().describe('The assets it reads.'),
  description: z.string().optional().describe('What it holds, for people.'),
  group: text.optional().describe('The part of the project it belongs to.'),
  owners: z.array(text).optional().describe('Who answers for it.'),
  tags: z
    .union([z.array(text), z.record(text, z.string())])
    .optional()
    .describe('Labels, as a list or as pairs.'),
  freshness: freshness
    .optional()
    .describe('When it counts as too old although nobody can see that it changed.'),
  data_version: z
    .enum(['default', 'content', 'derived', 'change_token', 'always_new'])
    .optional()
    .describe('What tells that its data changed.'),
  volatile_columns: z
    .array(text)
    .optional()
    .describe('Columns that may change without anything below being rebuilt.'),
  on_drift: z
    .enum(['default', 'rebuild', 'adopt'])
    .optional()
    .describe('What to do when somebody else changed its data.'),
  on_code: z
    .enum(['full_refresh', 'keep_history'])
    .optional()
    .describe('What a changed definition means for data that was built bit by bit.'),
  code_version: text
    .optional()
    .describe('Stands for its definition: change it to say that the definition changed.'),
  retries: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('How often to try again after a failure; when left out, twice if it may pass.'),
  timeout: duration.optional().describe('How long one try may take, such as 1h.'),
  pool: plainName
    .optional()
    .describe('The pool of `pools:` in assets.yaml whose places its builds share with others.'),
  checks: z
    .strictObject({
      block: z
        .enum(['error', 'never'])
        .optional()
        .describe('Which failing checks hold back what is below: those that are errors, or none.'),
    })
    .optional()
    .describe('What comes of the checks that read it.'),
}

export type CommonField = keyof typeof commonFields

/** Nothing here builds an external asset, so these would have no effect on one. */
export const NOT_FOR_EXTERNAL: ReadonlySet<string> = new Set<CommonField>([
  'freshness',
  'on_drift',
  'on_code',
  'code_version',
  'retries',
  'timeout',
  'pool',
])

/** What an asset says besides the keys of its kind. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonFields>>

const job = z.strictObject({
  select: text.describe('What to build, as on the command line.'),
  exclude: text.optional().describe('What to leave out of it.'),
  target: z.string().optional().describe('Where to build; the default target when left out.'),
  schedule: cron.optional().describe('When it runs, for whoever schedules it.'),
})

/** Judged by what the adapter of its `type` takes. */
const adapter = z.unknown().optional()

const target = z.strictObject({
  warehouse: adapter.describe('Where tables and views live.'),
  connections: z.record(plainName, adapter).optional().describe('How raw tables arrive, by name.'),
  state: adapter.describe('Where records are kept; a SQLite file when left out.'),
  confirm: z
    .boolean()
    .optional()
    .describe('Ask on a terminal before building here; `--yes` answers.'),
})

/** The keys of `assets.yaml` besides `defaults` and `assets`. */
export const projectFields = {
  version: z.literal(1).describe('The version of this format.'),
  project: plainName.describe('What the project is called.'),
  default_target: z.string().optional().describe('Where to build when nothing else is said.'),
  include: z.array(text).optional().describe('Files with further assets, such as assets/*.yaml.'),
  dbt: z
    .strictObject({ project_dir: text.describe('The folder of dbt_project.yml.') })
    .optional()
    .describe('The dbt project whose models are assets here.'),
  targets: z.record(plainName, target).optional().describe('Places to build in, by name.'),
  pools: z
    .record(plainName, z.int().min(1).max(1_000).describe('How many may run at once.'))
    .optional()
    .describe('Limits that assets share, by name: how many of them may be built at once.'),
  jobs: z.record(plainName, job).optional().describe('Selections to run by name.'),
  selectors: z.record(plainName, selectorField).optional().describe('Selections by name.'),
}

export type ProjectSettings = z.infer<z.ZodObject<typeof projectFields>>
