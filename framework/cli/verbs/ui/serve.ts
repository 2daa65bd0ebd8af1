import { randomBytes } from 'node:crypto'
import type { Problem } from '../../../model/problem.ts'
import { readDocument } from '../../../ui/server/document.ts'
import { EventStream } from '../../../ui/server/event-stream.ts'
import { servePage } from '../../../ui/server/page-server.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { withState } from '../../with-state.ts'
import { LiveSource } from './live-source.ts'
import { openBrowser } from './open-browser.ts'
import { pageFile } from './page-file.ts'
import type { UiOptions } from './ui-options.ts'

/** Serves the page until Ctrl-C. */
export async function serve(context: Context, output: Output, options: UiOptions): Promise<number> {
  const { target, host, port: wantedPort } = options
  return withState(context, output, { target, finds: false }, async (workspace, state) => {
    const events = new EventStream()
    const source = new LiveSource({ context, workspace, state, events })
    const given = context.env.ASSETS_UI_TOKEN || null
    const token = host === null ? null : (given ?? randomBytes(24).toString('base64url'))
    const document = readDocument(pageFile())
    const served = await servePage({
      document,
      source,
      events,
      host,
      port: wantedPort,
      token,
    }).catch((error: NodeJS.ErrnoException) => error)
    if (served instanceof Error) {
      return output.fail([portProblem(options, served.code ?? served.message)], EXIT.failed)
    }
    const { server, port } = served
    const address = addressOf(host ?? '127.0.0.1', port)
    // A fragment never leaves the browser, so the token is in no log of a server.
    const whole = token === null ? address : `${address}#token=${token}`
    const isKnown = token !== null && token === given
    output.print(
      [
        `${workspace.project.name} on ${workspace.site.target.name}: ${isKnown ? address : whole}`,
        ...(isKnown ? ['add #token= and the value of ASSETS_UI_TOKEN to the address'] : []),
        'Ctrl-C ends it',
      ].join('\n'),
    )
    if (options.open) openBrowser(whole)
    source.watch()
    await abortOf(context.signal)
    source.close()
    events.close()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    return EXIT.done
  })
}

function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
}

function portProblem({ port, host }: UiOptions, cause: string): Problem {
  const isTaken = cause === 'EADDRINUSE'
  return {
    code: 'port-unusable',
    message: isTaken
      ? `port ${port} is in use`
      : `the page can't listen on ${host ?? '127.0.0.1'}${port === null ? '' : `, port ${port}`}: ${cause}`,
    hint: isTaken ? 'use another one, or leave out --port' : 'use another --port or --host',
  }
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
