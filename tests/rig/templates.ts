import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TemplateFacts } from '../../framework/kinds/dbt/manifest/worker-manifest.ts'
import { REPOSITORY } from './cli.ts'
import { sharedPython } from './python.ts'

/** The facts that the dbt worker reports of each text, in a project with these macros and variables. */
export async function templateFacts(
  texts: readonly string[],
  macros: Readonly<Record<string, string>> = {},
  vars: Readonly<Record<string, unknown>> = {},
): Promise<ReadonlyMap<string, TemplateFacts>> {
  const python = join(await sharedPython(), 'bin/python')
  const reader = join(REPOSITORY, 'tests/rig/templates.py')
  const worker = join(REPOSITORY, 'framework/kinds/dbt/worker')
  const input = JSON.stringify({ texts, macros, vars })
  const output = execFileSync(python, ['-B', reader, worker], { input, maxBuffer: 1 << 28 })
  const facts = JSON.parse(output.toString()) as TemplateFacts[]
  return new Map(texts.map((text, at) => [text, facts[at]!]))
}
