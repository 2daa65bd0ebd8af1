import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../framework/kinds/command/run-program.ts'

const run = (script: string) =>
  runProgram({
    asset: 'a',
    argv: ['sh', '-c', script],
    cwd: '/',
    env: process.env,
    extraEnv: {},
    signal: new AbortController().signal,
    onStart: () => undefined,
  })

describe('the output of a program', () => {
  it('is not reported as that of the next one', async () => {
    expect(await run('echo first; exit 1')).toEqual({ end: 'exit', code: 1, tail: 'first' })
    expect(await run('echo 2; exit 1')).toEqual({ end: 'exit', code: 1, tail: '2' })
    expect(await run('exit 1')).toEqual({ end: 'exit', code: 1, tail: '' })
  })

  it('is not reported as that of the next one, even if a background process writes it', async () => {
    // The second program lets the background process write, and ends when it has.
    const folder = mkdtempSync(join(tmpdir(), 'left-'))
    const go = `${folder}/go`
    const done = `${folder}/done`
    await run(`mkfifo ${go} ${done}; (read _ <${go}; echo late; : >${done}) & exit 0`)
    expect(await run(`echo >${go}; read _ <${done}; echo own; exit 1`)).toEqual({
      end: 'exit',
      code: 1,
      tail: 'own',
    })
    rmSync(folder, { recursive: true })
  })
})
