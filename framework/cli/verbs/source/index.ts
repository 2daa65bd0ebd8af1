import { fail, ok, type Result } from '../../../model/problem.ts'
import type { SourceAdmin } from '../../../ports/connection.ts'
import { sourceResetReporter, sourceSqlReporter } from '../../../report/source.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'

export interface SourceOptions {
  readonly target: string | null
  /** Name of a connection; null for the first one with an embedded source. */
  readonly connection: string | null
}

/** `assets source sql "…"`: runs SQL on an embedded source. */
export async function sourceSql(
  context: Context,
  output: Output,
  sql: string,
  options: SourceOptions,
): Promise<number> {
  return withAdmin(context, output, options, async (admin) => {
    const results = await admin.sql(sql)
    if (!results.ok) return output.fail(results.problems, EXIT.failed)
    output.show(sourceSqlReporter, results.value)
    return EXIT.done
  })
}

/** `assets source reset`: deletes an embedded source and creates it again. */
export async function sourceReset(
  context: Context,
  output: Output,
  options: SourceOptions,
): Promise<number> {
  return withAdmin(context, output, options, async (admin, name) => {
    const done = await admin.reset()
    if (!done.ok) return output.fail(done.problems, EXIT.failed)
    output.show(sourceResetReporter, name)
    return EXIT.done
  })
}

async function withAdmin(
  context: Context,
  output: Output,
  options: SourceOptions,
  use: (admin: SourceAdmin, connection: string) => Promise<number>,
): Promise<number> {
  const opened = await openWorkspace(context, options.target, output, { finds: false })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const found = await findAdmin(workspace, options.connection)
    if (!found.ok) return output.fail(found.problems, EXIT.usage)
    return await use(found.value.admin, found.value.name)
  } finally {
    await workspace.close()
  }
}

/** Problems: `unknown-connection`, `no-embedded-source`, those of the connection. */
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
      hint:
        names.length === 0
          ? 'the target has no connections'
          : `connections of the target: ${names.join(', ')}`,
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
    message:
      wanted === null
        ? `target ${site.target.name} has no embedded source`
        : `connection ${wanted} of target ${site.target.name} has no embedded source`,
    hint: 'use the tools of the database server to change other sources, such as psql',
  })
}
