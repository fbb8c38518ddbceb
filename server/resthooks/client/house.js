import { fileURLToPath } from 'node:url'
import { command, serve } from '../../../scripts/server.mjs'

export { until } from '../../../scripts/server.mjs'

const space = fileURLToPath(new URL('space', import.meta.url))
const owner = ['--owner', 'integrations', '--owner-id', '7', '--owner-email', 'integrations@example.com']

/** The real binary over the space beside this file, with what its admin does for a client. `env` has secrets. */
export async function open(env) {
  const server = await serve(space, env)
  return {
    ...server,
    /** A token for a client of a dialect. */
    token: async (dialect) =>
      (await command('token', 'create', '--dialect', dialect, ...owner, '--data', server.data)).trim(),
    /** The id and the secret by which a client of a dialect asks for its tokens. */
    client: async (dialect) => {
      const made = await command('client', 'create', '--json', '--dialect', dialect, ...owner, '--data', server.data)
      return JSON.parse(made)
    },
    /** Tells the server of an event. */
    publish: async (event) => {
      const { status, body } = await call(`${server.url}/api/v1/events`, {
        body: event,
        authorization: `Basic ${Buffer.from(`admin:${server.password}`).toString('base64')}`,
      })
      if (status !== 202) throw new Error(`an event was answered with ${status}: ${JSON.stringify(body)}`)
      return body
    },
  }
}

/** Makes a request with a JSON body, if any; gives the answer's status, headers and body, which is JSON where it says so. */
export async function call(url, { method, body, authorization } = {}) {
  const headers = { Authorization: authorization, ...(body && { 'Content-Type': 'application/json' }) }
  const answer = await fetch(url, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJSON = /json/.test(answer.headers.get('Content-Type') ?? '')
  return { status: answer.status, headers: answer.headers, body: isJSON ? JSON.parse(text) : text }
}
