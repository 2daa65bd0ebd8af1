import { type Mutant, oneEdit } from './mutant.ts'

const TEMPLATE = ['tests/unit/kind-dbt/template.test.ts']
const CODE = ['tests/contract/kind-dbt-code-versions.test.ts']
const VERSIONS = ['tests/property/semantics-of-versions.test.ts']

const inCode = (name: string, rule: string, file: string, edit: readonly [string, string]) =>
  oneEdit(name, rule, `kinds/dbt/${file}`, edit, CODE)
const inTemplate = (name: string, rule: string, file: string, edit: readonly [string, string]) =>
  oneEdit(name, rule, `kinds/dbt/${file}`, edit, TEMPLATE)

/** What a code version of dbt covers (SEMANTICS 4c, 32, 33). */
export const CODE_VERSION_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'parse-order',
    'no order of names counts (32f)',
    'kinds/dbt/worker/worker_code.py',
    ['parents = sorted(self.reference(name)', 'parents = list(self.reference(name)'],
    ['tests/contract/kind-dbt-parse-order.test.ts'],
  ),
  oneEdit(
    'saved-parse',
    'a saved parse is of the same macros (32g)',
    'kinds/dbt/worker/worker_project.py',
    ['if saved not in (None, macros):', 'if False:'],
    ['tests/e2e/dbt-edits-code.test.ts'],
  ),
  oneEdit(
    'upgraded-package',
    'the versions of the installed packages count (32h)',
    'kinds/dbt/python/find-environment.ts',
    ['...[...installedPackages(python)].flat()', ''],
    ['tests/unit/kind-dbt/find-environment.test.ts'],
  ),
  oneEdit(
    'upgraded-meanwhile',
    'the packages are the same before dbt starts and after its answer (32h)',
    'kinds/dbt/project.ts',
    ['this.#environmentKey() === this.#startedIn', 'true'],
    ['tests/contract/kind-dbt-upgrade.test.ts'],
  ),
  oneEdit(
    'adapter-of-another-warehouse',
    'an environment without the adapter of the warehouse is skipped',
    'kinds/dbt/python/find-environment.ts',
    ['core === undefined || !packages.has(adapter)', 'core === undefined'],
    ['tests/unit/kind-dbt/find-environment.test.ts'],
  ),
  oneEdit(
    'any-dbt-core',
    'a dbt-core that is too new is refused by its version',
    'kinds/dbt/python/versions.ts',
    [
      "compareMinors(version, NEWEST) > 0 ? 'too new'",
      "compareMinors(version, NEWEST) > 99 ? 'too new'",
    ],
    ['tests/unit/kind-dbt/find-environment.test.ts'],
  ),
  inCode('names-of-refs', 'what ref() finds counts (32e)', 'worker/worker_code.py', [
    'database, parents, refs, macros',
    'database, parents, macros',
  ]),
  oneEdit(
    'other-warehouse',
    'dbt builds in the warehouse of the target (35)',
    'kinds/dbt/worker/worker_project.py',
    ['if not same_setting(key, value, wanted, folder):', 'if False:'],
    ['tests/e2e/dbt-warehouse.test.ts'],
  ),
  inCode('config-read', 'config that is read counts (32a)', 'code-version/read-parts.ts', [
    '.filter((key) => !Object.hasOwn(config, key))',
    '.filter(() => false)',
  ]),
  inCode('null-variable', 'a variable that is null is set (32a)', 'code-version/read-parts.ts', [
    "Object.hasOwn(values, name) ? JSON.stringify(values[name]) : 'unset'",
    "values[name] != null ? JSON.stringify(values[name]) : 'unset'",
  ]),
  inCode(
    'variable-is-template',
    'a variable may be a template (32a)',
    'code-version/read-parts.ts',
    ['(templated === undefined ? null', '(templated !== undefined || true ? null'],
  ),
  inCode('dispatch-order', 'the order of dispatch counts (32a)', 'code-version/read-parts.ts', [
    '...this.#dispatchParts([...reads, ...rendering]),',
    '',
  ]),
  inCode(
    'place-of-project',
    'the place of the project in an order of dispatch counts (32a)',
    'code-version/read-parts.ts',
    ['JSON.stringify([order, [order].flat().indexOf(project)])', 'JSON.stringify(order)'],
  ),
  inCode(
    'every-macro',
    'any macro counts for a computed name (32b)',
    'code-version/read-parts.ts',
    ['...(everyMacro === null ? [] : this.#everyMacro(everyMacro)),', ''],
  ),
  inCode('reads-of-any', 'so does what any macro reads (32b)', 'code-version/code-reader.ts', [
    "readsAny(known, 'macros') ?",
    "readsAny([], 'macros') ?",
  ]),
  inCode(
    'composed-env',
    'a composed name of a variable counts (32b)',
    'code-version/env-names.ts',
    ['whole.has(lower) || pieces.some((piece) => lower.includes(piece))', 'whole.has(lower)'],
  ),
  inCode('token-in-env', 'a variable called a token counts (32a)', 'code-version/env-names.ts', [
    'return name.startsWith(SECRET_PREFIX)',
    "return name.includes('TOKEN')",
  ]),
  inCode('on-run-start', 'on-run-start is part of all code (32c)', 'code-version/project-code.ts', [
    'this.#hooks = facts.hooks.flatMap',
    'this.#hooks = facts.hooks.slice(1).flatMap',
  ]),
  inCode('profile', 'settings of the profile count (32c)', 'code-version/project-code.ts', [
    'this.#settings = Object.entries(facts.settings).map',
    'this.#settings = Object.entries(facts.settings).slice(99).map',
  ]),
  inCode('strategy', 'the macro of a strategy counts (32d)', 'code-version/code-reader.ts', [
    '[{ macros: source.strategies, dispatched: [] }]',
    '[]',
  ]),
  inCode('event-time', 'event_time of an input counts (32d)', 'code-version/code-source.ts', [
    '...eventTimeParts(node, read),',
    '',
  ]),
  inCode('contract-words', 'words of a contract do not count', 'worker/worker_manifest.py', [
    'if key in kept}',
    'if key}',
  ]),
  inCode('own-name', 'a macro may take the place of ref (32a)', 'worker/worker_reads.py', [
    'if root in self.templates.known:  #',
    'if False:  #',
  ]),
  inTemplate('macro-as-value', 'a macro counts if it is named (32a)', 'worker/worker_reads.py', [
    'self.name(*path, None, node.lineno)',
    'None',
  ]),
  inTemplate('unknown-name', 'an unknown name counts all (32b)', 'worker/worker_reads.py', [
    'self.widen("everything", root, line)',
    'None',
  ]),
  inTemplate('text-as-value', 'text may be a value (33)', 'worker/worker_templates.py', [
    'return False  # the text of a call',
    'return True  # the text of a call',
  ]),
  inTemplate('branch-in-a-literal', 'a branch may begin a literal (33)', 'code-version/tokens.ts', [
    'if (this.#branches.pop() !== this.#literal) throw new Ambiguous()',
    'this.#branches.pop()',
  ]),
  inTemplate('comment-before-jinja', 'Jinja may end a comment (33)', 'code-version/tokens.ts', [
    'if (length < 0 && isBeforeJinja) throw new Ambiguous()',
    '',
  ]),
  inTemplate('output-level', 'output may begin a literal (33)', 'code-version/tokens.ts', [
    'if (piece.level < (this.#literal === null ? 1 : 2)) throw new Ambiguous()',
    '',
  ]),
  inTemplate('sign-in-two-parts', 'a sign may have two parts (33)', 'code-version/tokens.ts', [
    'if (first || last) throw new Ambiguous()',
    '',
  ]),
  inTemplate('open-quote', 'a constant may hold a quote (33)', 'worker/worker_outputs.py', [
    'return 1 if not UNSAFE.search(without.replace("\'\'", "x")) else 0',
    'return 1',
  ]),
  oneEdit(
    'view-from-data',
    'a view that is worked out from data depends on it (4c)',
    'staleness/decide.ts',
    ['definition.isRenderedFromData === true', 'definition.isRenderedFromData === undefined'],
    VERSIONS,
  ),
  oneEdit(
    'ephemeral-from-data',
    'so does one that inlines such an ephemeral (4c)',
    'staleness/inlined.ts',
    ['statements.get(input)?.isRenderedFromData === true', 'false'],
    VERSIONS,
  ),
]
