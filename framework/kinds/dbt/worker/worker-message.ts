/** A line of the worker, a `WorkerMessage`; null if it is none. What is inside `value` is up to who asked for it. */
export function parseWorkerMessage(line: string): Readonly<Record<string, unknown>> | null {
  const message = parsed(line)
  return isObject(message) && isMessage(message) ? message : null
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

type Fields = Readonly<Record<string, unknown>>

function isMessage(message: Fields): boolean {
  if ('reply' in message) {
    const { reply, error } = message
    const isError = isObject(error) && isText(error.message) && isText(error.type)
    return typeof reply === 'number' && ('error' in message ? isError : 'value' in message)
  }
  switch (message.event) {
    case 'ready':
      return true
    case 'start':
      return isText(message.node)
    case 'finish':
      return isResult(message)
    case 'write':
      return isText(message.key) && isTextOrNull(message.by) && areTexts(message.relations ?? [])
    case 'hook_failed':
      return isText(message.message)
    default:
      return false
  }
}

function isResult({ node, status, message, failures, unread, ...result }: Fields): boolean {
  const texts = [result.compiled, result.statement_path, result.compiled_path, result.blocked_by]
  return (
    isText(node) &&
    isText(status) &&
    isTextOrNull(message) &&
    (failures == null || typeof failures === 'number') &&
    areTexts(unread ?? []) &&
    texts.every(isTextOrNull)
  )
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): boolean => value == null || isText(value)
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
