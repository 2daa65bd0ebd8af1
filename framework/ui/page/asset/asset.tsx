import type { AssetPage, PageCheck } from '../../data/asset-page.ts'
import { markOf } from '../../data/overview.ts'
import { ChartOf } from '../answers/chart-of.tsx'
import { ago, counted, dateTime, took } from '../format.ts'
import { type Loaded, useDocument } from '../parts/document.ts'
import { Mark, MEANING, Verdict } from '../parts/verdict.tsx'
import { toAsset, toFocus, toRun } from '../route.ts'
import { Outcome } from '../runs/outcome.tsx'
import { assetsByName, markNow, now, overview } from '../store.ts'
import { Why } from './why.tsx'

/** Everything about one asset or check. */
export function AssetView({ name }: { readonly name: string }) {
  const loaded = useDocument<AssetPage>(`asset/${name}`)
  const asset = assetsByName.value.get(name)?.asset
  const check = overview.value!.checks.find((one) => one.name === name)
  if (asset === undefined && check === undefined) {
    return <p class="note">No asset or check is named {name}.</p>
  }
  const mark = asset === undefined ? markOf(check!.verdict) : markNow(asset)
  return (
    <article class="asset-page">
      <h2>
        {name} <Verdict mark={mark} />
      </h2>
      <p class="meaning">{MEANING[mark]}</p>
      {asset !== undefined && (
        <p class="links">
          <a href={toFocus(name)}>Show it in the graph</a>
        </p>
      )}
      <Facts name={name} loaded={loaded} />
      {asset?.kind === 'extract' && <ChartOf name={name} />}
      {loaded.is === 'there' ? (
        <Sections page={loaded.document} />
      ) : (
        <p class="note">{loaded.is === 'loading' ? 'Reading more…' : loaded.message}</p>
      )}
    </article>
  )
}

function Facts({ name, loaded }: { readonly name: string; readonly loaded: Loaded<AssetPage> }) {
  const { assets } = overview.value!
  const found = assetsByName.value.get(name)
  const page = loaded.is === 'there' ? loaded.document : null
  if (found === undefined) return null
  const { kind, group, owners, tags, inputs, last } = found.asset
  const readers = assets.filter((one) => one.inputs.includes(found.i))
  return (
    <>
      {page?.description && <p class="description">{page.description}</p>}
      <dl class="facts">
        <dt>Kind</dt>
        <dd>
          {kind}
          {page?.form && `, ${page.form}`}
          {group !== null && `, group ${group}`}
        </dd>
        {page !== null && page.fills.length > 0 && (
          <>
            <dt>Fills</dt>
            <dd>
              <code>{page.fills.join(', ')}</code>
            </dd>
          </>
        )}
        {owners.length > 0 && (
          <>
            <dt>Owners</dt>
            <dd>{owners.join(', ')}</dd>
          </>
        )}
        {Object.keys(tags).length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>
              {Object.entries(tags)
                .map(([tag, value]) => (value === '' ? tag : `${tag}: ${value}`))
                .join(', ')}
            </dd>
          </>
        )}
        {last !== null && (
          <>
            <dt>Last build</dt>
            <dd>
              <time title={dateTime(last.at)}>{ago(last.at, now.value)}</time> in{' '}
              <a href={toRun(last.run)}>run {last.run}</a>, {took(last.seconds)}
              {last.rows !== null && `, ${counted(last.rows, 'row')}`}
            </dd>
          </>
        )}
        <dt>Reads</dt>
        <dd>
          {inputs.length === 0 ? (
            'nothing of the graph'
          ) : (
            <Names names={inputs.map((i) => assets[i]!.name)} />
          )}
        </dd>
        <dt>Read by</dt>
        <dd>
          {readers.length === 0 ? (
            'nothing of the graph'
          ) : (
            <Names names={readers.map((one) => one.name)} />
          )}
        </dd>
        {page?.why.policies.map(({ key, value, at }) => (
          <>
            <dt>{key}</dt>
            <dd>
              {plain(value)}{' '}
              {at !== null && (
                <code>
                  {at.file}:{at.line}
                </code>
              )}
            </dd>
          </>
        ))}
        {page?.declared && (
          <>
            <dt>Declared in</dt>
            <dd>
              <code>
                {page.declared.file}:{page.declared.line}
              </code>
            </dd>
          </>
        )}
      </dl>
    </>
  )
}

function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => (Array.isArray(value) ? plain(inner) : `${key} ${plain(inner)}`))
    .join(', ')
}

/** Names that are listed before the others are asked for. */
const NAMED = 30

function Names({ names }: { readonly names: readonly string[] }) {
  return (
    <>
      {names.slice(0, NAMED).map((name, k) => {
        const asset = assetsByName.value.get(name)?.asset
        return (
          <>
            {k > 0 && ', '}
            <span class="named">
              {asset !== undefined && <Mark mark={markNow(asset)} />}{' '}
              <a href={toAsset(name)}>{name}</a>
            </span>
          </>
        )
      })}
      {names.length > NAMED && ` and ${names.length - NAMED} more`}
    </>
  )
}

function Sections({ page }: { readonly page: AssetPage }) {
  const moved = page.inputs.filter(({ was, is }) => was !== is)
  return (
    <>
      <Why page={page} />
      {page.inputs.length > 0 && (
        <section>
          <h3>Inputs</h3>
          <p class="note-line">
            {moved.length === 0
              ? 'They have the versions that the last build read.'
              : `${moved.length} of ${page.inputs.length} have another version than the last build read, or one that is not known yet.`}
          </p>
          <div class="scroll">
            <table class="rows">
              <caption class="hidden">Versions of the inputs</caption>
              <thead>
                <tr>
                  <th>Input</th>
                  <th>At the last build</th>
                  <th>Now</th>
                </tr>
              </thead>
              <tbody>
                {page.inputs.map(({ asset, was, is }) => (
                  <tr key={asset} class={was === is ? undefined : 'moved'}>
                    <td>
                      <Names names={[asset]} />
                    </td>
                    <td>
                      <code>{was ?? 'none'}</code>
                    </td>
                    <td>
                      <code>{is ?? 'not known yet'}</code>
                      {is !== null && was !== is && ' ≠'}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {page.columns.list.length > 0 && <Columns columns={page.columns} />}
      {page.checks.length > 0 && <Checks checks={page.checks} />}
      {page.builds.length > 0 && (
        <section>
          <h3>Last steps</h3>
          <div class="scroll">
            <table class="rows">
              <caption class="hidden">The last steps, newest first</caption>
              <thead>
                <tr>
                  <th class="number">Run</th>
                  <th>When</th>
                  <th>Outcome</th>
                  <th class="number">Took</th>
                  <th class="number">Rows</th>
                  <th>Why</th>
                </tr>
              </thead>
              <tbody>
                {page.builds.map((build) => (
                  <tr key={build.run}>
                    <td class="number">
                      <a href={toRun(build.run)}>{build.run}</a>
                    </td>
                    <td title={dateTime(build.at)}>{ago(build.at, now.value)}</td>
                    <td>
                      <Outcome outcome={build.outcome} />
                    </td>
                    <td class="number">
                      {build.outcome === 'released' ? '–' : took(build.seconds)}
                    </td>
                    <td class="number">
                      {build.rows === null ? '–' : build.rows.toLocaleString('en-US')}
                    </td>
                    <td>{[...build.reasons, build.note ?? ''].filter(Boolean).join('; ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {page.code.map(({ file, line, language, text }) => (
        <section key={`${file} ${language}`}>
          <h3>
            {language === 'yaml' ? 'Declaration' : language === 'shell' ? 'Command' : 'Code'}{' '}
            <code class="place">
              {file}:{line}
            </code>
          </h3>
          <pre>
            <code>{text}</code>
          </pre>
        </section>
      ))}
    </>
  )
}

function Columns({ columns: { list, areAll } }: Pick<AssetPage, 'columns'>) {
  const hasTypes = list.some(({ type }) => type !== null)
  const hasWords = list.some(({ description }) => description !== '')
  return (
    <section>
      <h3>Columns</h3>
      {!areAll && <p class="note-line">Those that the project documents. There may be others.</p>}
      <div class="scroll">
        <table class="rows">
          <caption class="hidden">Columns of this asset</caption>
          <thead>
            <tr>
              <th>Column</th>
              {hasTypes && <th>Type</th>}
              {hasWords && <th>Description</th>}
            </tr>
          </thead>
          <tbody>
            {list.map(({ name, type, description }) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                {hasTypes && <td>{type !== null && <code>{type}</code>}</td>}
                {hasWords && <td>{description}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Checks({ checks }: { readonly checks: readonly PageCheck[] }) {
  return (
    <section>
      <h3>Checks</h3>
      <div class="scroll">
        <table class="rows">
          <caption class="hidden">Checks of this asset</caption>
          <thead>
            <tr>
              <th>Check</th>
              <th>Last result</th>
              <th>Earlier results</th>
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => (
              <tr key={check.name}>
                <td>
                  <a href={toAsset(check.name)}>{check.name}</a>
                  {check.severity === 'warn' && ' (warns)'}
                </td>
                <td>
                  <Result result={check.outcome} />
                  {check.failures !== null &&
                    check.failures > 0 &&
                    ` ${counted(check.failures, 'row')}`}
                  {check.message !== null && <p>{check.message}</p>}
                </td>
                <td>
                  {check.history.map(({ run, at, result }) => (
                    <a
                      href={toRun(run)}
                      class="past"
                      title={`run ${run}, ${dateTime(at)}: ${result}`}
                      aria-label={`run ${run}: ${result}`}
                    >
                      <Mark
                        mark={result === 'pass' ? 'fresh' : result === 'warn' ? 'stale' : 'failed'}
                      />
                    </a>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const RESULTS = { pass: 'passed', warn: 'warned', fail: 'failed' } as const
const RESULT_MARKS = { pass: 'fresh', warn: 'stale', fail: 'failed' } as const

function Result({ result }: { readonly result: PageCheck['outcome'] }) {
  if (result === null) return <>never ran</>
  return (
    <span class="verdict">
      <Mark mark={RESULT_MARKS[result]} /> {RESULTS[result]}
    </span>
  )
}
