import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from '../rig/cli.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>
  readonly if?: string
  readonly needs?: string
  readonly steps: readonly Step[]
}

const workflow = parse(
  readFileSync(join(REPOSITORY, 'deploy', 'github-pull-request.yaml'), 'utf8'),
) as {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: object
  readonly jobs: { readonly plan: Job; readonly comment: Job }
}
const { plan, comment } = workflow.jobs
const steps = [...plan.steps, ...comment.steps]
const script = (part: string) => steps.find(({ run }) => run?.includes(part))?.run ?? ''

describe('the workflow for pull requests', () => {
  test('runs for pull requests without the secrets of the repository', () => {
    expect(Object.keys(workflow.on)).toEqual(['pull_request'])
    expect(JSON.stringify(workflow)).not.toContain('secrets.')
  })

  test('gives the code of a pull request a token that can only read', () => {
    expect(workflow.permissions).toEqual({})
    expect(Object.keys(workflow.jobs)).toEqual(['plan', 'comment'])
    expect(plan.permissions).toEqual({ contents: 'read' })
    expect(comment.permissions).toEqual({ 'pull-requests': 'write' })
    const [checkout] = plan.steps
    expect(checkout).toMatchObject({ with: { 'fetch-depth': 0, 'persist-credentials': false } })
    const run = comment.steps.map((step) => step.uses ?? step.run ?? '').join('\n')
    expect(run).not.toMatch(/checkout|npm|npx|assets plan --against/)
  })

  test('comments only where the token can write', () => {
    expect(comment.needs).toBe('plan')
    expect(comment.if).toBe('github.event.pull_request.head.repo.full_name == github.repository')
  })

  test('uses only official actions, and puts nothing into a script', () => {
    const used = steps.flatMap(({ uses }) => uses ?? [])
    expect(used.length).toBeGreaterThan(4)
    expect(used.filter((name) => !/^actions\/[\w-]+@v\d+$/.test(name))).toEqual([])
    expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([])
  })
})

describe('its scripts', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assets-workflow-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs a script as a runner does, with programs of ours instead of those on PATH. Returns its calls. */
  function shell(text: string, programs: Readonly<Record<string, string>>, env: object = {}) {
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/bash\nprintf '%s\\n' "$*" >> "$CALLS"\n${body}\n`)
      chmodSync(join(folder, name), 0o755)
    }
    const calls = join(folder, 'calls')
    writeFileSync(calls, '')
    const { status, stderr } = spawnSync('bash', ['-e', '-c', text], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        CALLS: calls,
        RUNNER_TEMP: folder,
        GITHUB_REPOSITORY: 'shop/data',
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
        ...env,
      },
    })
    return { status, stderr, calls: readFileSync(calls, 'utf8').trim().split('\n') }
  }

  test('the branch of the pull request is one word, whatever it is called', () => {
    const branch = 'a b;$(touch x)'
    const ran = shell(script('assets plan'), { npx: 'echo plan' }, { GITHUB_BASE_REF: branch })
    expect(ran).toMatchObject({
      status: 0,
      calls: [`assets plan --against origin/${branch} --markdown`],
    })
    expect(readFileSync(join(folder, 'plan.md'), 'utf8')).toBe('plan\n')
    expect(shell(script('GITHUB_STEP_SUMMARY'), {}).status).toBe(0)
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toBe('plan\n')
  })

  test('a plan that fails is a job that fails', () => {
    expect(
      shell(script('assets plan'), { npx: 'exit 2' }, { GITHUB_BASE_REF: 'main' }).status,
    ).toBe(2)
  })

  const MARKER = '<!-- assets-plan 0123456789abcdef -->'
  const post = (ids: string, first = MARKER) => {
    writeFileSync(join(folder, 'plan.md'), `${first}\n\n### Nothing to build\n`)
    const gh = `case "$*" in *--paginate*) [ "$MARKER" = '${MARKER}' ]; printf '${ids}';; esac`
    return shell(script('gh api'), { gh }, { NUMBER: '7', GH_TOKEN: 'x' })
  }

  test('the first comment is written, the next one replaces it', () => {
    const comments = 'repos/shop/data/issues/7/comments'
    const written = post('')
    expect(written.status).toBe(0)
    expect(written.calls[0]).toContain(`api --paginate ${comments}?per_page=100 --jq`)
    expect(written.calls[1]).toBe(
      `api --silent --method POST ${comments} -F body=@${folder}/plan.md`,
    )
    expect(post('11\\n12\\n').calls[1]).toBe(
      `api --silent --method PATCH repos/shop/data/issues/comments/11 -F body=@${folder}/plan.md`,
    )
  })

  test('a text that the program did not write is not posted', () => {
    for (const first of ['hello', `${MARKER} @everyone`, '<!-- assets-plan  -->']) {
      expect(post('', first)).toMatchObject({ status: 1, calls: [''] })
    }
  })
})
