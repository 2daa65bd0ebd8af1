import { randomUUID } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { tokenOf } from '../../lib/file-stats.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { PublishedFile } from '../../ports/publisher.ts'
import type { Reply } from './client.ts'
import type { TableauContext } from './context.ts'
import { elementIn, textIn } from './http.ts'
import type { WaitOptions } from './jobs.ts'
import { fileTooLarge, notAnswering, requestRefused } from './problems.ts'

const MB = 1_000_000
/** Tableau takes a thousand blocks of up to 64 MB. Small blocks keep memory small. */
const BLOCK = 16 * MB
const LARGEST_BLOCK = 64 * MB
const MOST_BLOCKS = 1_000
/** How often a file is uploaded from its start, after a block got no clear answer. */
const TRIES = 3
/** A block over a slow line, in milliseconds. */
const BLOCK_TIMEOUT = 5 * 60_000

/**
 * Uploads a file in blocks, which changes nothing that people see. Returns the id of the upload. After a block without a
 * clear answer, the file is uploaded from its start: the block may have arrived. Problems: those of `Client.repeat`;
 * the file is too large. Rejects with the file system's error, or if the file is not the one of the token.
 */
export async function upload(
  context: TableauContext,
  { path, token }: PublishedFile,
  options: WaitOptions,
): Promise<Result<string>> {
  const file = await open(path, 'r')
  const refuseOther = async () => {
    if (tokenOf(await file.stat()) !== token) throw new Error('another program has changed it')
  }
  try {
    await refuseOther()
    const { size } = await file.stat()
    if (size > LARGEST_BLOCK * MOST_BLOCKS) return fail(fileTooLarge(context.settings, size))
    let last = ''
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const sent = await uploadOnce(context, file, size, options)
      if (!sent.ok) return sent
      await refuseOther()
      if (sent.value.is === 'uploaded') return ok(sent.value.id)
      last = sent.value.message
      if (options.signal.aborted) break
    }
    return fail(notAnswering(context.settings, last))
  } finally {
    await file.close()
  }
}

type Upload =
  | { readonly is: 'uploaded'; readonly id: string }
  | { readonly is: 'unclear'; readonly message: string }

async function uploadOnce(
  { client, settings }: TableauContext,
  file: FileHandle,
  size: number,
  { signal, onProgress }: WaitOptions,
): Promise<Result<Upload>> {
  const begun = await client.repeat({
    ...{ method: 'POST', path: '/fileUploads', what: 'begin an upload', signal },
  })
  if (!begun.ok) return begun
  const id = textIn(elementIn(begun.value, 'fileUpload'), 'uploadSessionId')
  if (id === null) return fail(notAnswering(settings, 'an upload without an id'))
  const block = Math.max(BLOCK, Math.ceil(size / MOST_BLOCKS))
  for (let at = 0; at < size || at === 0; at += block) {
    if (signal.aborted) return ok({ is: 'unclear', message: 'interrupted' })
    const part = Buffer.alloc(Math.min(block, size - at))
    const { bytesRead } = await file.read(part, 0, part.length, at)
    if (bytesRead < part.length) throw new Error('the file became shorter while it was read')
    const { body, type } = multipart([
      { name: 'request_payload', type: 'text/xml', bytes: Buffer.alloc(0) },
      { name: 'tableau_file', type: 'application/octet-stream', bytes: part, file: 'block' },
    ])
    const sent = await client.send({
      ...{ method: 'PUT', path: `/fileUploads/${id}`, what: 'upload a block', signal, body },
      headers: { 'content-type': type },
      timeout: BLOCK_TIMEOUT,
    })
    if (!sent.ok) return sent
    const unclear = unclearBlock(sent.value)
    if (unclear !== null) return ok({ is: 'unclear', message: unclear })
    if (sent.value.reply === 'refused') {
      return fail(requestRefused(settings, 'upload a block', sent.value.refusal))
    }
    const done = Math.min(size, at + block)
    await onProgress({
      phase: 'publishing',
      message: `uploaded ${megabytes(done)} of ${megabytes(size)} MB to Tableau`,
      amount: { done, of: size, isEstimate: false, unit: 'bytes' },
    })
  }
  return ok({ is: 'uploaded', id })
}

/** Why it is not known whether the blocks so far are there; null if it is known. */
function unclearBlock(reply: Reply): string | null {
  if (reply.reply === 'unclear') return reply.message
  // The upload is gone, as after the end of a session.
  return reply.reply === 'refused' && reply.refusal.status === 404 ? 'the upload is gone' : null
}

const megabytes = (bytes: number): string => (bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0)

interface Part {
  readonly name: string
  readonly type: string
  readonly bytes: Buffer
  /** The name of a file; absent for a part that is none. */
  readonly file?: string
}

/** A body of several parts, and its content type. The parts are not form data: Tableau wants `multipart/mixed`. */
export function multipart(parts: readonly Part[]): {
  readonly body: Buffer
  readonly type: string
} {
  const boundary = randomUUID().replaceAll('-', '')
  const pieces = parts.flatMap(({ name, type, bytes, file }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ])
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
  return { body, type: `multipart/mixed; boundary=${boundary}` }
}
