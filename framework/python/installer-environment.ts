import type { Environment, Site } from '../ports/site.ts'

/** Variables of `.env` that say where and how packages are installed. */
const OF_INSTALLERS = /^(PIP_|UV_|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|SSL_|REQUESTS_)/i

/** The environment of what installs Python packages. */
export function installerEnvironment({ env, shell }: Pick<Site, 'env' | 'shell'>): Environment {
  const gets = (name: string) => shell[name] !== undefined || OF_INSTALLERS.test(name)
  return Object.fromEntries(Object.entries(env).filter(([name]) => gets(name)))
}
