import type { CodePart } from '../../../model/definition.ts'
import type { CodeFacts } from '../manifest/worker-manifest.ts'
import type { Template } from './template.ts'

/** The code of one node, test or hook, before its parts are collected. */
export interface CodeSource
  extends Pick<CodeFacts, 'config' | 'strings' | 'macros' | 'strategies' | 'entry'> {
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
