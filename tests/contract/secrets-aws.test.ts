import { createServer, type Server, type ServerResponse } from 'node:http'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../framework/model/problem.ts'
import { createSecrets } from '../../framework/secrets/aws/index.ts'
import { listen } from '../rig/loopback.ts'
import { type Moto, motoServer, startMoto } from '../rig/moto.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' }

const envFor = (url: string) => ({ ...KEYS, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: url })

const program = motoServer()

describe.skipIf(program === null)('AWS Secrets Manager, simulated by moto (needs PyPI)', () => {
  let moto: Moto
  let client: SecretsManagerClient

  beforeAll(async () => {
    moto = await startMoto(program!)
    client = new SecretsManagerClient({
      endpoint: moto.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
  })
  afterAll(async () => {
    client.destroy()
    await moto.stop()
  })

  test('a secret is read by name and by ARN, exactly as stored', async () => {
    const text = '{"user":"etl","password":"pä ss\\n"}'
    const { ARN } = await client.send(
      new CreateSecretCommand({ Name: 'shop/prod', SecretString: text }),
    )
    const secrets = createSecrets(envFor(moto.url))
    expect(await secrets.read('shop/prod')).toEqual({ ok: true, value: text })
    expect(await secrets.read(ARN!)).toEqual({ ok: true, value: text })
  })

  test('a binary secret is read as text', async () => {
    const SecretBinary = Buffer.from('-----BEGIN KEY-----')
    await client.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary }))
    const read = await createSecrets(envFor(moto.url)).read('bytes')
    expect(read).toEqual({ ok: true, value: '-----BEGIN KEY-----' })
  })

  test('a missing secret, and one scheduled for deletion', async () => {
    const secrets = createSecrets(envFor(moto.url))
    expect(await secrets.read('nowhere')).toMatchObject({
      problems: [{ code: 'secret-missing', hint: expect.stringContaining('--name nowhere') }],
    })
    await client.send(new CreateSecretCommand({ Name: 'old', SecretString: 'x' }))
    await client.send(new DeleteSecretCommand({ SecretId: 'old' }))
    expect(await secrets.read('old')).toMatchObject({ problems: [{ code: 'secret-missing' }] })
  })

  test('another region has its own secrets', async () => {
    await client.send(new CreateSecretCommand({ Name: 'regional', SecretString: 'x' }))
    const elsewhere = createSecrets({ ...envFor(moto.url), AWS_REGION: 'us-east-1' })
    expect(await elsewhere.read('regional')).toMatchObject({
      problems: [{ code: 'secret-missing', hint: expect.stringContaining('AWS_REGION') }],
    })
  })
})

describe('errors of the service', () => {
  let server: Server
  let answer: (response: ServerResponse) => void
  let asked: number
  let url: string

  beforeEach(async () => {
    asked = 0
    server = createServer((request, response) => {
      asked += 1
      request.resume().on('end', () => answer(response))
    })
    url = `http://127.0.0.1:${await listen(server)}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const refuse = (status: number, type: string, message: string) => (response: ServerResponse) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type })
      .end(JSON.stringify({ __type: type, message }))
  const problemOf = async (env: Readonly<Record<string, string>>, deadline?: number) => {
    const read = await createSecrets(env, deadline).read('shop/prod')
    if (read.ok) throw new Error('it was read')
    return read.problems[0] as Problem
  }

  test.each([
    [400, 'AccessDeniedException', 'secret-denied', 'secretsmanager:GetSecretValue'],
    [400, 'DecryptionFailure', 'secret-denied', 'kms:Decrypt'],
    [400, 'UnrecognizedClientException', 'secrets-credentials', 'aws sso login'],
    [400, 'ExpiredTokenException', 'secrets-credentials', 'aws sso login'],
    [400, 'SomethingElse', 'secret-failed', 'run the same command again'],
  ])('%i %s is %s', async (status, type, code, hint) => {
    answer = refuse(status, type, 'in its own words')
    const problem = await problemOf(envFor(url))
    expect(problem.code).toBe(code)
    expect(problem.message).toContain('shop/prod')
    expect(problem.detail).toContain('in its own words')
    expect(problem.hint).toContain(hint)
    expect(JSON.stringify(problem)).not.toContain(KEYS.AWS_SECRET_ACCESS_KEY)
  })

  test('a temporary error is retried', async () => {
    answer = (response) => {
      if (asked === 1) refuse(500, 'InternalServiceError', 'hiccup')(response)
      else response.end(JSON.stringify({ SecretString: 'x' }))
    }
    const read = await createSecrets(envFor(url)).read('shop/prod')
    expect([read, asked]).toEqual([{ ok: true, value: 'x' }, 2])
  })

  test('a missing response times out', async () => {
    answer = () => {}
    expect(await problemOf(envFor(url), 50)).toMatchObject({
      code: 'secrets-unreachable',
      transient: true,
    })
  })

  test('a closed port', async () => {
    await new Promise((resolve) => server.close(resolve))
    expect((await problemOf(envFor(url))).code).toBe('secrets-unreachable')
  })

  test('no credentials anywhere, and no region', async () => {
    const before = { ...process.env }
    const nowhere = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    }
    Object.assign(process.env, nowhere)
    try {
      const { AWS_REGION, AWS_ENDPOINT_URL } = envFor(url)
      expect((await problemOf({ AWS_REGION, AWS_ENDPOINT_URL })).code).toBe('secrets-credentials')
      expect((await problemOf({ ...KEYS, AWS_ENDPOINT_URL })).code).toBe('secrets-region')
      expect(asked).toBe(0)
    } finally {
      for (const name of Object.keys(nowhere)) delete process.env[name]
      Object.assign(process.env, before)
    }
  })
})
