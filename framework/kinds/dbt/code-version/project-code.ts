import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type {
  HookFacts,
  ManifestFacts,
  NodeFacts,
  TestFacts,
  UnitTestFacts,
} from '../manifest/worker-manifest.ts'
import { type Code, CodeReader, distinct, versionOf } from './code-reader.ts'
import { type CodeSource, hookSource, nodeSource, testSource } from './code-source.ts'
import { Macros } from './macros.ts'

/** What the code of a project is made from, besides the manifest. */
export interface CodeContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hash of a file's content. The path is relative to the project root. */
  readonly contentOf: (file: string) => string
  /** The path of a package's file, relative to the project root. */
  readonly pathOf: (packageName: string, file: string) => string
}

/** The code of the nodes and tests of one parsed project. */
export class ProjectCode {
  readonly #facts: ManifestFacts
  readonly #context: CodeContext
  readonly #reader: CodeReader
  /** Parts of all code: settings that any SQL can notice. */
  readonly #settings: readonly CodePart[]
  /** Parts of all code but seeds: `on-run-start`. */
  readonly #hooks: readonly CodePart[]
  readonly #nodes: ReadonlyMap<string, NodeFacts>
  readonly #sources: ReadonlyMap<string, ManifestFacts['sources'][number]>
  readonly #known = new Map<string, Code>()

  constructor(facts: ManifestFacts, context: CodeContext) {
    this.#facts = facts
    this.#context = context
    const macros = new Macros(facts.macros, facts.project, context.pathOf)
    this.#reader = new CodeReader(facts, macros, context.env)
    this.#settings = Object.entries(facts.settings).map(([label, version]) => ({ label, version }))
    this.#hooks = facts.hooks.flatMap((hook) => this.#hookParts(hook))
    this.#nodes = new Map(facts.nodes.map((node) => [node.id, node]))
    this.#sources = new Map(facts.sources.map((source) => [source.id, source]))
  }

  of(node: NodeFacts): Code {
    const known = this.#known.get(node.id)
    if (known !== undefined) return known
    const file = this.#fileOf(node)
    const read = this.#readBy(node)
    const materialization = this.#facts.materializations[String(node.config.materialized)] ?? null
    const digest = () => this.#context.contentOf(file)
    const own = this.#read(nodeSource(node, read, file, materialization, digest), node.parents)
    const hooks = node.resource === 'seed' ? [] : this.#hooks
    const code = withParts(own, [...this.#settings, ...hooks])
    this.#known.set(node.id, code)
    return code
  }

  ofTest(test: TestFacts): Code {
    const source = testSource(test, this.#readBy(test), this.#fileOf(test))
    const own = this.#read(source, test.parents)
    return withParts(own, [...this.#settings, ...this.#hooks])
  }

  /** Its definition, and all parts of the model that it tests. */
  ofUnitTest(test: UnitTestFacts): Code {
    const model = this.#nodes.get(test.parents[0] ?? '')
    const file = this.#fileOf(test)
    const own = { label: 'unit test', version: hash(stableJson(test.definition)), file }
    const parts = [own, ...(model === undefined ? [] : this.of(model).parts)]
    return { parts, version: versionOf(parts), clock: false, data: false }
  }

  /** The code of a function is part of the code of its callers (SEMANTICS 31). */
  #read(source: CodeSource, parents: readonly string[]): Code {
    const functions = parents
      .flatMap((id) => this.#nodes.get(id) ?? [])
      .filter(({ resource }) => resource === 'function')
      .map((node) => ({ node, code: this.of(node) }))
    const parts = functions.map(({ node, code }) => ({
      label: `function ${node.name}`,
      version: code.version,
      file: this.#fileOf(node),
    }))
    const code = this.#reader.read({ ...source, extraParts: [...source.extraParts, ...parts] })
    return { ...code, clock: code.clock || functions.some((callee) => callee.code.clock) }
  }

  /**
   * The parts of an `on-run-start` statement. It may create functions, types or settings that any SQL can
   * see, so they are parts of all code (SEMANTICS 32c).
   */
  #hookParts(hook: HookFacts): readonly CodePart[] {
    const source = hookSource(hook, this.#fileOf(hook))
    const { parts } = this.#reader.read(source)
    const isOwn = ({ label }: CodePart) => label.startsWith('model.') || label === 'config'
    return parts.map((part) =>
      isOwn(part) ? { ...part, label: `${source.label}: ${part.label}` } : part,
    )
  }

  #readBy({ parents }: { readonly parents: readonly string[] }) {
    return parents.flatMap((id) => this.#nodes.get(id) ?? this.#sources.get(id) ?? [])
  }

  #fileOf({ package: owner, file }: { readonly package: string; readonly file: string }): string {
    return this.#context.pathOf(owner, file)
  }
}

function withParts(code: Code, more: readonly CodePart[]): Code {
  if (more.length === 0) return code
  const parts = distinct([...code.parts, ...more])
  return { ...code, parts, version: versionOf(parts) }
}
