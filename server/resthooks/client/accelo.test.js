// A community node of n8n for Accelo is on GitHub and not on npm, so it cannot be run here. What it sends and reads is
// done by this file instead, in both forms that its calls can take: as a form, which n8n makes of them, and as JSON that
// is labeled as a form, which a plain request library makes.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { open } from './house.js'
import { listen } from './receiver.js'

const form = 'application/x-www-form-urlencoded'
const bodies = {
  'a form': (fields) => new URLSearchParams(fields).toString(),
  'JSON labeled as a form': (fields) => JSON.stringify(fields),
}

let server
let token
before(async () => {
  server = await open()
  token = await signIn()
})
after(() => server?.close())

async function endpoint(test) {
  const { url, next } = await listen(test)
  return { address: `${url}/webhook/accelo`, next }
}

async function signIn() {
  const { client_id, client_secret } = await server.client('accelo')
  const answer = await fetch(`${server.url}/oauth2/v0/token`, {
    method: 'POST',
    headers: { 'Content-Type': form, Authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'write(all)' }).toString(),
  })
  assert.equal(answer.status, 200)
  return (await answer.json()).access_token
}

/** A call as the node makes each: labeled as a form, whatever it holds, and with a body even where it asks only. */
async function ask(method, path, body) {
  const asked = request(`${server.url}/api/v0/webhooks/subscriptions${path}`, {
    method,
    headers: {
      Accept: 'application/json',
      'Content-Type': form,
      'Content-Length': Buffer.byteLength(body),
      Authorization: `Bearer ${token}`,
    },
  })
  asked.end(body)
  const [answer] = await once(asked, 'response')
  const told = await json(answer)
  return { status: answer.statusCode, meta: told.meta, ...told.response }
}

const find = async (address, body) => (await ask('GET', '', body)).subscriptions.find((s) => s.trigger_url === address)
const created = (id) => ({ event: { platform: 'accelo', name: 'create_contact' }, data: { id } })

for (const [labeled, write] of Object.entries(bodies)) {
  test(`a client that sends ${labeled} subscribes, is called, and unsubscribes`, { timeout: 30_000 }, async (t) => {
    const { address, next } = await endpoint(t)
    assert.equal(await find(address, write({})), undefined)
    const made = await ask(
      'POST',
      '',
      write({ trigger_url: address, event_id: 'create_contact', content_type: 'application/json', secret: 'of the client' }),
    )
    assert.deepEqual([made.status, made.meta.status], [201, 'ok_created'], JSON.stringify(made))
    const { subscription_id: id, secret } = made.subscription
    assert.match(id, /^[0-9a-f]{24}$/)
    assert.equal(secret, undefined, 'secrets are not told again')
    assert.deepEqual(made.subscription.user, { id: 7, name: 'integrations', email: 'integrations@example.com' })
    assert.equal((await find(address, write({}))).subscription_id, id)

    await server.publish(created(5))
    const { headers, body } = await next()
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['x-accelo-event'], 'create_contact')
    assert.equal(headers['x-hub-signature'], `sha1=${createHmac('sha1', 'of the client').update(body).digest('hex')}`)
    const { id: object, resource_url } = JSON.parse(body)
    assert.equal(object, 5)
    assert.match(resource_url, /\/contacts\/5$/)

    const gone = await ask('DELETE', `/${id}`, write({}))
    assert.deepEqual([gone.status, gone.meta.status], [200, 'ok'], JSON.stringify(gone))
    assert.equal(await find(address, write({})), undefined)
    const again = await ask('DELETE', `/${id}`, write({}))
    assert.deepEqual([again.status, again.meta.status], [400, 'invalid_request'], JSON.stringify(again))
  })
}

test('a client that asks for no content type is sent a form', { timeout: 30_000 }, async (t) => {
  const { address, next } = await endpoint(t)
  await ask('POST', '', bodies['a form']({ trigger_url: address, event_id: 'create_contact' }))
  await server.publish(created(6))
  const { headers, body } = await next()
  assert.equal(headers['content-type'], form)
  assert.equal(headers['x-hub-signature'], undefined)
  const fields = new URLSearchParams(body.toString())
  assert.equal(fields.get('id'), '6')
  assert.match(fields.get('resource_url'), /\/contacts\/6$/)
})

test('a client is told what is wrong', async (t) => {
  const { address } = await endpoint(t)
  const { status, meta } = await ask('POST', '', bodies['a form']({ trigger_url: address, event_id: 'create_contacts' }))
  assert.deepEqual([status, meta.status], [400, 'invalid_request'])
  assert.match(meta.message, /create_contact\b/)
})
