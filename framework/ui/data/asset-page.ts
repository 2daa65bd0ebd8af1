import type { DocumentedColumn } from '../../model/columns.ts'
import type { Form } from '../../model/definition.ts'
import type { OutcomeName } from '../../model/step.ts'

// What the page shows of one asset or check, besides what the overview has.

export interface AssetPage {
  readonly asset: string
  /** The document of `assets why --json`. */
  readonly why: WhyDocument
  readonly description: string
  /** The line of its declaration in YAML, or of a check in its file; null if neither is known. */
  readonly declared: Place | null
  readonly form: Form | null
  /** What it fills: a relation, or files relative to the project root. */
  readonly fills: readonly string[]
  /** Its SQL or command, then its declaration. */
  readonly code: readonly Code[]
  readonly columns: PageColumns
  readonly inputs: readonly PageInput[]
  /** Newest first. */
  readonly builds: readonly PageBuild[]
  readonly checks: readonly PageCheck[]
}

export interface Place {
  readonly file: string
  readonly line: number
}

export interface Code extends Place {
  readonly language: 'sql' | 'yaml' | 'shell' | 'python'
  readonly text: string
}

export interface PageColumns {
  readonly list: readonly DocumentedColumn[]
  /** Whether these are all columns: the files may only document some. */
  readonly areAll: boolean
}

/** An input at the last build and now. Versions are eight characters of their digests; null: not known. */
export interface PageInput {
  readonly asset: string
  readonly was: string | null
  readonly is: string | null
}

/** One step of the asset in an earlier run. */
export interface PageBuild {
  readonly run: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly seconds: number
  readonly outcome: OutcomeName
  readonly rows: number | null
  /** Why it ran; empty for a step that did not run. */
  readonly reasons: readonly string[]
  /** The external job; the message of its failure. */
  readonly note: string | null
}

export interface PageCheck {
  readonly name: string
  readonly severity: 'error' | 'warn'
  readonly outcome: 'pass' | 'warn' | 'fail' | null
  /** Rows that failed, at its last run. */
  readonly failures: number | null
  readonly message: string | null
  /** Newest first. */
  readonly history: readonly {
    readonly run: number
    readonly at: number
    readonly result: string
  }[]
}

/** The parts of `assets/why/1` that the page reads. */
export interface WhyDocument {
  readonly verdict: string
  readonly nodes: readonly WhyDocumentNode[]
  readonly policies: readonly {
    readonly key: string
    readonly value: unknown
    readonly at: Place | null
  }[]
  readonly next: string
}

export interface WhyDocumentNode {
  readonly asset: string
  readonly verdict: string
  readonly reasons: readonly {
    readonly reason: string
    readonly asset?: string
    readonly message: string
  }[]
  readonly causes: readonly string[]
  readonly pending_on: readonly string[]
  readonly last: { readonly run: number; readonly at: string } | null
  readonly root: string | null
  readonly file?: string
  readonly line?: number
}
