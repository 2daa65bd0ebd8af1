import { fail, ok, type Result } from '../model/problem.ts'
import type { SourceAdmin } from '../ports/connection.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface SourceOptions {
  readonly target: string | null
  /** Which connection; the only one with a source of our own when left out. */
  readonly connection: string | null
}

/** `assets source sql "…"`: runs SQL on a connection's embedded source. */
export async function sourceSql(
  context: Context,
  output: Output,
  sql: string,
  options: SourceOptions,
): Promise<number> {
  return withAdmin(context, output, options, async (admin) => {
    const answers = await admin.sql(sql)
    if (!answers.ok) return output.tell(answers.problems, EXIT.failed)
    output.sqlAnswers(answers.value)
    return EXIT.done
  })
}

/** `assets source reset`: makes an embedded source anew. */
export async function sourceReset(
  context: Context,
  output: Output,
  options: SourceOptions,
): Promise<number> {
  return withAdmin(context, output, options, async (admin, name) => {
    const done = await admin.reset()
    if (!done.ok) return output.tell(done.problems, EXIT.failed)
    output.sourceReset(name)
    return EXIT.done
  })
}

async function withAdmin(
  context: Context,
  output: Output,
  options: SourceOptions,
  use: (admin: SourceAdmin, connection: string) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output)
  if (!opened.ok) return output.tell(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const found = await findAdmin(workspace, options.connection)
    if (!found.ok) return output.tell(found.problems, EXIT.usage)
    return await use(found.value.admin, found.value.name)
  } finally {
    await workspace.close()
  }
}

async function findAdmin(
  workspace: Workspace,
  wanted: string | null,
): Promise<Result<{ readonly admin: SourceAdmin; readonly name: string }>> {
  const { project, site } = workspace
  const names = Object.keys(site.target.connections)
  if (wanted !== null && !names.includes(wanted)) {
    return fail({
      code: 'unknown-connection',
      message: `target ${site.target.name} has no connection ${wanted}`,
      hint: names.length === 0 ? 'it has none at all' : `it has ${names.join(', ')}`,
    })
  }
  for (const name of wanted === null ? names : [wanted]) {
    const asset = project.assets.all.find((one) => one.spec.connection === name)
    if (asset === undefined) continue
    const connection = await site.connection(asset)
    if (!connection.ok) return connection
    if (connection.value.admin !== null) return ok({ admin: connection.value.admin, name })
  }
  return fail({
    code: 'no-embedded-source',
    message: `target ${site.target.name} has no embedded source${wanted === null ? '' : ` behind ${wanted}`}`,
    hint: 'a source that is a server of its own is changed with its own tools (psql)',
  })
}
