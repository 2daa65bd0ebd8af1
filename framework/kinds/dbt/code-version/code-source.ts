import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type {
  CodeFacts,
  HookFacts,
  NodeFacts,
  SourceFacts,
  TestFacts,
} from '../manifest/worker-manifest.ts'
import { seedTemplate, type Template, templateOf } from './template.ts'

/** The code of one node, test or hook, before its parts are collected. */
export interface CodeSource
  extends Pick<CodeFacts, 'config' | 'strings' | 'macros' | 'strategies' | 'references' | 'entry'> {
  /** Label of the part for the code itself: `model`, `test`. */
  readonly label: string
  /** Relative to the project root. */
  readonly file: string
  readonly package: string
  readonly template: Template
  /** unique_id of the macro of its materialization. */
  readonly materialization: string | null
  /** Further parts: the columns of a contract, the arguments of a test. */
  readonly extraParts: readonly CodePart[]
  /** Its own relation and those that it reads. They count if a template uses relations as values. */
  readonly relations: readonly CodePart[]
}

/**
 * The code of a node. `read`: the nodes and sources that it reads. `materialization`: the unique_id of its
 * macro. `digest`: of a seed's file.
 */
export function nodeSource(
  node: NodeFacts,
  read: readonly (NodeFacts | SourceFacts)[],
  file: string,
  materialization: string | null,
  digest: () => string,
): CodeSource {
  const isSeed = node.template === null
  return {
    ...commonFields(node, file),
    label: isSeed ? 'rows' : node.resource,
    template: node.template === null ? seedTemplate(digest()) : templateOf(node.template),
    materialization: isSeed ? null : materialization,
    extraParts: [
      ...(node.columns.length === 0 ? [] : [contractPart(node, file)]),
      ...(node.location ? [{ label: 'location', version: hash(node.location), file }] : []),
      ...(node.signature === null ? [] : [signaturePart(node, file)]),
      ...eventTimeParts(node, read),
      ...(node.relation_name === null ? [] : [quotingPart(node.relation_name)]),
    ],
    relations: relationParts(node.relation_name, read),
  }
}

/** The code of a data test, with its arguments. `read`: the nodes and sources that it reads. */
export function testSource(
  test: TestFacts,
  read: readonly (NodeFacts | SourceFacts)[],
  file: string,
): CodeSource {
  const args = test.arguments
  return {
    ...commonFields(test, file),
    label: 'test',
    template: templateOf(test.template!),
    materialization: null,
    relations: relationParts(null, read),
    extraParts:
      args === null ? [] : [{ label: 'arguments', version: hash(stableJson(args)), file }],
  }
}

/** The code of an `on-run-start` statement. */
export function hookSource(hook: HookFacts, file: string): CodeSource {
  return {
    ...commonFields(hook, file),
    label: `on-run-start ${hook.index + 1} of ${hook.package}`,
    template: templateOf(hook.template!),
    materialization: null,
    extraParts: [],
    relations: [],
  }
}

function commonFields(
  {
    package: owner,
    config,
    strings,
    macros,
    strategies,
    references,
    entry,
  }: CodeFacts & {
    package: string
  },
  file: string,
) {
  return { file, package: owner, config, strings, macros, strategies, references, entry }
}

/** With other quotes, a relation of the same name is another relation in some warehouses. */
function quotingPart(relation: string): CodePart {
  return { label: 'quoting', version: hash(relation.replace(/[^".`[\]]+/g, '_')) }
}

function relationParts(
  own: string | null,
  read: readonly (NodeFacts | SourceFacts)[],
): readonly CodePart[] {
  return [
    { label: 'this', version: hash(own ?? '') },
    ...read.flatMap(({ name, relation_name: relation }) =>
      relation === null ? [] : [{ label: `relation of ${name}`, version: hash(relation) }],
    ),
  ]
}

function signaturePart(node: NodeFacts, file: string): CodePart {
  return { label: 'signature', version: hash(stableJson(node.signature)), file }
}

function contractPart(node: NodeFacts, file: string): CodePart {
  return { label: 'contract', version: hash(stableJson(node.columns)), file }
}

/** dbt filters the inputs of a microbatch model by their `event_time`. */
function eventTimeParts(
  { config }: NodeFacts,
  read: readonly (NodeFacts | SourceFacts)[],
): readonly CodePart[] {
  if (config.incremental_strategy !== 'microbatch') return []
  return read.flatMap(({ name, config: { event_time: time } }) =>
    time == null ? [] : [{ label: `event_time of ${name}`, version: hash(String(time)) }],
  )
}
