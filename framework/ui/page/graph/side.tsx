import { causesOf } from '../../data/overview.ts'
import { ago, counted, took } from '../format.ts'
import { Mark, Verdict } from '../parts/verdict.tsx'
import { toAsset, toFocus, toRun } from '../route.ts'
import { assetsByName, markNow, now, overview } from '../store.ts'
import { assetLine } from './asset-line.ts'
import { current, showsWhy } from './at.ts'
import type { Chain } from './chain.ts'

/** What is known of the current asset, and why it is not fresh. */
export function Side({ chain }: { readonly chain: Chain | null }) {
  const name = current.value
  const found = name === null ? undefined : assetsByName.value.get(name)
  if (found === undefined) return null
  const { asset } = found
  const { verdict, last, kind, group, owners } = asset
  const checks = overview.value!.checks.filter(({ reads }) => reads.includes(found.i))
  const open = checks.filter(({ outcome }) => outcome !== 'pass')
  return (
    <aside class="side" aria-label={`About ${asset.name}`}>
      <h2>{asset.name}</h2>
      <p>
        <Verdict mark={markNow(asset)} />
      </p>
      {verdict.state === 'stale' && (
        <ul class="reasons">
          {verdict.reasons.map(({ message }) => (
            <li>{message}</li>
          ))}
        </ul>
      )}
      {verdict.state === 'pending' && <p>waits for {causesOf(verdict).join(', ')}</p>}
      <p class="links">
        <a href={toAsset(asset.name)}>Open</a> <a href={toFocus(asset.name)}>What is near it</a>
      </p>
      {chain !== null && chain.nodes.size > 1 && (
        <section>
          <h3>Why</h3>
          <ol class="chain">
            {overview
              .value!.assets.filter(({ name: one }) => chain.nodes.has(one))
              .map((one) => (
                <li>
                  <Mark mark={markNow(one)} /> <a href={toAsset(one.name)}>{one.name}</a>{' '}
                  <span class="detail">
                    {one.verdict.state === 'fresh'
                      ? 'a view, so it changes with it'
                      : assetLine(one)}
                  </span>
                </li>
              ))}
          </ol>
          <label class="toggle">
            <input
              type="checkbox"
              checked={showsWhy.value}
              onChange={(event) => {
                showsWhy.value = event.currentTarget.checked
              }}
            />{' '}
            Show it in the graph (w)
          </label>
        </section>
      )}
      <dl>
        <dt>Kind</dt>
        <dd>
          {kind}
          {group !== null && `, group ${group}`}
        </dd>
        {owners.length > 0 && (
          <>
            <dt>Owners</dt>
            <dd>{owners.join(', ')}</dd>
          </>
        )}
        {last !== null && (
          <>
            <dt>Last build</dt>
            <dd>
              {ago(last.at, now.value)} in <a href={toRun(last.run)}>run {last.run}</a>,{' '}
              {took(last.seconds)}
              {last.rows !== null && `, ${counted(last.rows, 'row')}`}
            </dd>
          </>
        )}
        {checks.length > 0 && (
          <>
            <dt>Checks</dt>
            <dd>
              {open.length === 0
                ? `${counted(checks.length, 'check')}, all passed`
                : `${open.length} of ${counted(checks.length, 'check')} not passed`}
            </dd>
          </>
        )}
      </dl>
    </aside>
  )
}
