import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { serve } from '../../../scripts/server.mjs'

export { until } from '../../../scripts/server.mjs'

const require = createRequire(import.meta.url)

/** Starts the real binary over the space beside this file. */
export const open = () => serve(fileURLToPath(new URL('space', import.meta.url)))

/**
 * The vendor's client, pointed at a server. What it calls is remembered, so that a test can tell what it left out.
 * The client reads the host when it is loaded, and signs in by what axios adds to each request.
 */
export function load({ url, password }) {
  process.env.REACT_APP_API_HOST = url
  require('axios').defaults.auth = { username: 'admin', password }
  const called = new Set()
  const module = (name) => {
    const api = require(`@kineticdata/react/lib/apis/${name}`)
    const watched = {}
    for (const [call, does] of Object.entries(api)) {
      watched[call] = (...options) => {
        called.add(call)
        return does(...options)
      }
    }
    return watched
  }
  const modules = ['task', 'core/webhooks', 'core/webhooksJobs', 'core/workflows', 'core/meta', 'core/version']
  const apis = Object.fromEntries(modules.map((name) => [name.replace('core/', ''), module(name)]))
  const uncalled = () => Object.values(apis).flatMap((api) => Object.keys(api).filter((call) => !called.has(call)))
  return { ...apis, uncalled }
}
