import { hash } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Problem } from '../../model/problem.ts'
import type { CodeReader } from './code-reader.ts'
import { commandSpec } from './spec.ts'

/** A command's definition, or the problems of its `code:`. */
export type CommandDefinition =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Defines one command. Problems: those of `CodeReader.read`. */
export function defineCommand(asset: Asset, target: string, reader: CodeReader): CommandDefinition {
  const spec = commandSpec(asset, target)
  const { parts, problems } = reader.read(asset, spec)
  if (problems.length > 0) return { ok: false, problems }
  const { outputs } = spec
  const definition: Definition = {
    asset: asset.name,
    kind: 'command',
    form: 'stored',
    codeVersion: hash('command', ...parts.flatMap(({ label, version }) => [label, version])),
    parts,
    accumulates: 'no',
    relation: null,
    outputs,
    unit: null,
    // Without outputs nothing can be observed, so each run gives a new version.
    dataVersion: outputs.length === 0 ? 'change_token' : 'content',
    onDrift: 'rebuild',
    clock: false,
    build: null,
  }
  return { ok: true, definition }
}
