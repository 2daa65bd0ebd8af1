import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createRedactor } from '../../lib/redact.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Found, Observation } from '../../model/observation.ts'
import { ok, type Problem } from '../../model/problem.ts'
import { runVersion } from '../../model/version.ts'
import type { Batch, BatchStep, Report, StepReport } from '../../ports/batch.ts'
import type { Kind, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { findFiles, measureFiles } from '../observe-files.ts'
import { CodeReader } from './code-reader.ts'
import { defineCommand } from './define.ts'
import { readCachedCommands } from './definition-cache.ts'
import { commandProblem } from './problems.ts'
import { Programs } from './program-runner.ts'
import { commandSpec } from './spec.ts'

/** Commands: any program, and the files that it writes. */
export function createKind(): Kind {
  const programs = new Programs()
  return {
    name: 'command',
    uses: 'nothing',
    batches: 'apart',
    async define(assets, site) {
      const reader = new CodeReader(site)
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      for (const asset of assets) {
        const meaning = defineCommand(asset, site.target.name, reader)
        if (meaning.ok) definitions.set(asset.name, meaning.definition)
        else problems.push(...meaning.problems)
      }
      return { definitions, checks: [], problems, later: null }
    },
    cache: { read: readCachedCommands },
    writes: {
      files: (asset, target) => commandSpec(asset, target).outputs,
      targetHint: 'its command finds the name in ASSETS_TARGET',
    },
    rebuilder: { unverifiable: 'a command: it writes where it wants to' },
    async observe(requests, site) {
      const observations = new Map<string, Observation>()
      for (const request of requests) {
        const found = await find(request, site)
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
        await report(await runStep(step, batch, { report, site, programs }))
      }
    },
    close: async () => programs.close(),
  }
}

async function find({ definition, record }: ObserveRequest, site: Site): Promise<Found> {
  if (definition.outputs.length === 0) {
    return record === null ? { state: 'absent' } : { state: 'recorded' }
  }
  const known = record && { version: record.dataVersion, token: record.token }
  return findFiles(site.root, definition.outputs, known)
}

interface Work {
  readonly report: Report
  readonly site: Site
  readonly programs: Programs
}

/** Runs one command; gives its last report. */
async function runStep(
  { name, subject }: BatchStep,
  { run, signal }: Batch,
  { report, site, programs }: Work,
): Promise<StepReport> {
  if (subject.is !== 'asset') throw new Error(`${name} is no command`)
  if (signal.aborted) return { step: 'cancelled', name }
  const { asset } = subject
  const { argv, outputs } = commandSpec(asset, site.target.name)
  await report({ step: 'started', name })
  const unwritable = makeFolders(asset, outputs, site)
  if (unwritable !== null) return { step: 'failed', name, problem: unwritable }
  const own = { ASSETS_ASSET: name, ASSETS_RUN: `${run}`, ASSETS_TARGET: site.target.name }
  const ended = await programs.run({ argv, cwd: site.root, env: site.env, own, signal })
  const redact = createRedactor(site.target.secrets)
  if (ended.end === 'cancelled') {
    return { step: 'cancelled', name, detail: redact(ended.tail) }
  }
  if (ended.end !== 'done') {
    return { step: 'failed', name, problem: commandProblem(asset, argv, ended, redact) }
  }
  await report({ step: 'worked', name })
  const measured = await measureFiles(asset, site.root, outputs, null)
  if (!measured.ok) return { step: 'failed', name, problem: measured.problems[0]! }
  const { value } = measured
  const product = outputs.length === 0 ? { ...value, version: runVersion(run), token: null } : value
  return { step: 'built', name, product }
}

function makeFolders(asset: Asset, outputs: readonly string[], site: Site): Problem | null {
  try {
    for (const output of outputs) {
      mkdirSync(dirname(resolve(site.root, output)), { recursive: true })
    }
    return null
  } catch (error) {
    return {
      code: 'output-unwritable',
      message: `${asset.name}: the folder of its output can't be made`,
      detail: (error as Error).message,
      hint: 'give this user the right to write there, or change `outputs:`',
      at: { file: asset.file, path: ['assets', asset.name, 'outputs'] },
      asset: asset.name,
    }
  }
}
