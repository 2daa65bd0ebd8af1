import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { whyUnwritable } from '../../lib/file-refusal.ts'
import { markOfThisProcess } from '../../lib/left-processes.ts'
import type { ProcessId } from '../../lib/process-identity.ts'
import { writtenFault } from '../../lib/real-place.ts'
import { createRedactor } from '../../lib/redact.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Found, Observation } from '../../model/observation.ts'
import { outputPathProblem } from '../../model/path-problem.ts'
import { ok, type Problem } from '../../model/problem.ts'
import { programReference } from '../../model/program-reference.ts'
import { runVersion } from '../../model/version.ts'
import type { Batch, BatchStep, Report, StepReport } from '../../ports/batch.ts'
import type { Kind, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { measureFiles, observeFiles, recordedFiles } from '../observe-files.ts'
import { CodeReader } from './code-reader.ts'
import { defineCommand } from './define.ts'
import { readCachedCommands } from './definition-cache.ts'
import { commandProblem } from './problems.ts'
import { ProgramRunner } from './program-runner.ts'
import { commandSpec } from './spec.ts'

/** The kind `command`: any program, and the files that it writes. */
export function createKind(): Kind {
  const runner = new ProgramRunner()
  return {
    name: 'command',
    uses: 'nothing',
    batches: 'apart',
    async define(assets, site) {
      const reader = new CodeReader(site)
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      for (const asset of assets) {
        const defined = defineCommand(asset, site.target.name, reader)
        if (defined.ok) definitions.set(asset.name, defined.definition)
        else problems.push(...defined.problems)
      }
      return { definitions, checks: [], problems, later: null }
    },
    cache: { read: readCachedCommands },
    writes: {
      key: 'outputs',
      files: (asset, target) => commandSpec(asset, target).outputs,
      targetHint: 'the command can read the target name from ASSETS_TARGET',
    },
    rebuilder: { unverifiable: 'a command: it may write anywhere' },
    async observe(requests, site) {
      const observations = new Map<string, Observation>()
      for (const request of requests) {
        const found = await observeOutputs(request, site)
        observations.set(request.asset.name, {
          at: site.clock(),
          found,
          probe: { answer: 'not_asked' },
        })
      }
      return ok({ observations, positions: new Map(), problems: [] })
    },
    measure: ({ asset, definition }, site) =>
      measureFiles(asset, site.root, definition.outputs, null),
    async run(batch, report, site) {
      for (const step of batch.steps) {
        await report(await runStep(step, batch, { report, site, runner }))
      }
    },
    close: async () => runner.close(),
  }
}

/** Without outputs there is nothing to observe: the asset exists if it has a record. */
async function observeOutputs(request: ObserveRequest, site: Site): Promise<Found> {
  const { definition, record } = request
  if (definition.outputs.length === 0) {
    return record === null ? { state: 'absent' } : { state: 'recorded' }
  }
  return observeFiles(site.root, definition.outputs, recordedFiles(request))
}

interface StepContext {
  readonly report: Report
  readonly site: Site
  readonly runner: ProgramRunner
}

/** Runs one command and returns its last report. */
async function runStep(
  { name, subject }: BatchStep,
  { run, signal }: Batch,
  { report, site, runner }: StepContext,
): Promise<StepReport> {
  if (subject.is !== 'asset') throw new Error(`${name} is not a command`)
  if (signal.aborted) return { step: 'cancelled', name }
  const { asset } = subject
  const { argv, outputs, env: named } = commandSpec(asset, site.target.name)
  await report({ step: 'started', name })
  const unwritable = makeFolders(asset, outputs, site)
  if (unwritable !== null) return { step: 'failed', name, problem: unwritable }
  const { root: cwd, env, shell } = site
  // Of `.env`, a command gets what its `env:` names.
  const given = named.flatMap((variable) => {
    const value = env[variable]
    return value === undefined ? [] : [[variable, value] as const]
  })
  const extraEnv = {
    ...Object.fromEntries(given),
    ASSETS_ASSET: name,
    ASSETS_RUN: `${run}`,
    ASSETS_TARGET: site.target.name,
    ...markOfThisProcess(),
  }
  let journaled: Promise<void> | null = null
  const onStart = (leader: ProcessId) => {
    journaled = report({ step: 'reference', name, reference: programReference(leader) })
  }
  const ended = await runner.run({ asset: name, argv, cwd, env: shell, extraEnv, signal, onStart })
  await journaled
  if (ended.end !== 'done') {
    const redact = createRedactor(site.target.secrets)
    if (ended.end === 'cancelled') return { step: 'cancelled', name, detail: redact(ended.tail) }
    const kept = Object.keys(env).filter((one) => shell[one] === undefined && !named.includes(one))
    return { step: 'failed', name, problem: commandProblem(asset, argv, ended, redact, kept) }
  }
  await report({ step: 'worked', name })
  const measured = await measureFiles(asset, site.root, outputs, null)
  if (!measured.ok) return { step: 'failed', name, problem: measured.problems[0]! }
  const { value } = measured
  const product = outputs.length === 0 ? { ...value, version: runVersion(run), token: null } : value
  return { step: 'built', name, product }
}

/** Creates the folders of all outputs. Problems: `output-unwritable`; `invalid-path`, a link leads out of the project. */
function makeFolders(asset: Asset, outputs: readonly string[], site: Site): Problem | null {
  for (const [index, output] of outputs.entries()) {
    const fault = writtenFault(site.root, output)
    if (fault !== null) return outputPathProblem(fault, asset, 'outputs', index)
    const path = resolve(site.root, output)
    try {
      mkdirSync(dirname(path), { recursive: true })
    } catch (error) {
      const { reason, hint } = whyUnwritable(path, error, 'change `outputs:`')
      return {
        code: 'output-unwritable',
        message: `${asset.name}: can't create the folder of ${output}: ${reason}`,
        detail: (error as Error).message,
        hint,
        at: { file: asset.file, path: ['assets', asset.name, 'outputs', index] },
        asset: asset.name,
      }
    }
  }
  return null
}
