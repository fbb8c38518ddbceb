// A client as Zapier makes one of an API with REST hooks: it subscribes with an address and an event, keeps the id,
// shows samples while somebody sets it up, and unsubscribes by the id. Once switched off it answers 410.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, open, until } from './house.js'
import { listen } from './receiver.js'

let server
let authorization
before(async () => {
  server = await open()
  authorization = `Bearer ${await server.token('standard')}`
})
after(() => server?.close())

const ask = (method, path, body) => call(`${server.url}/api/v1/hooks${path}`, { method, body, authorization })
const submitted = (cost) => ({
  event: { type: 'Submission', action: 'Submitted' },
  kapp: { slug: 'services' },
  form: { slug: 'laptop-request' },
  submission: { id: `laptop-${cost}` },
  values: { Cost: cost },
})

test('samples are a list: of what an event declares, then of what happened', async () => {
  const samples = () => ask('GET', '/samples?event=warehouse.StockLow')
  const declared = await samples()
  assert.equal(declared.status, 200)
  assert.deepEqual(declared.body.map(({ type, data }) => ({ type, data })), [
    { type: 'warehouse.StockLow', data: { sku: 'A-1', left: 3 } },
  ])
  assert.ok(declared.body[0].id, 'each item has an id, by which they are told apart')

  await server.publish({ event: { platform: 'warehouse', name: 'StockLow' }, data: { sku: 'B-7', left: 1 } })
  assert.deepEqual((await samples()).body.map(({ data }) => data), [{ sku: 'B-7', left: 1 }])
})

test('every event has a sample, in the form of the deliveries', async () => {
  const { events } = (await ask('GET', '/events')).body
  assert.ok(events.some(({ name }) => name === 'warehouse.StockLow'))
  for (const { name } of events) {
    const { status, body } = await ask('GET', `/samples?event=${name}`)
    assert.equal(status, 200, name)
    assert.equal(body[0].type, name)
    assert.equal(typeof body[0].data, 'object', name)
  }
  const plain = await ask('GET', '/samples?event=submission.closed&content_type=application/json')
  assert.deepEqual(Object.keys(plain.body[0]).sort(), ['data', 'timestamp', 'type'])
  assert.equal(plain.body[0].data.submission.id, 'example')
})

test('subscribe, be called, unsubscribe', { timeout: 30_000 }, async (t) => {
  const receiver = await listen(t)
  // Zapier sends the address under its old name, too.
  const made = await ask('POST', '', {
    target_url: `${receiver.url}/hooks/standard/1/`,
    subscription_url: `${receiver.url}/hooks/standard/1/`,
    event: 'submission.submitted',
  })
  assert.equal(made.status, 201)
  assert.ok(made.body.id)
  assert.equal(made.headers.get('Location'), `${server.url}/api/v1/hooks/${made.body.id}`)

  await server.publish(submitted(2))
  const { path, body } = await receiver.next()
  assert.equal(path, '/hooks/standard/1/')
  const [sample] = (await ask('GET', '/samples?event=submission.submitted')).body
  assert.deepEqual(Object.keys(JSON.parse(body)).sort(), Object.keys(sample).sort(), 'a sample has the members of a delivery')
  assert.equal(JSON.parse(body).data.values.Cost, 2)

  const gone = await ask('DELETE', `/${made.body.id}`)
  assert.equal(gone.status, 204)
  assert.equal((await ask('GET', `/${made.body.id}`)).status, 404)
  assert.equal((await ask('DELETE', `/${made.body.id}`)).status, 404)
})

test('an endpoint that answers 410 is unsubscribed', { timeout: 30_000 }, async (t) => {
  const receiver = await listen(t, (_request, response) => response.writeHead(410).end())
  const made = await ask('POST', '', { target_url: receiver.url, event: 'submission.submitted' })
  await server.publish(submitted(3))
  await receiver.next()
  await until(() => ask('GET', `/${made.body.id}`), ({ status }) => status === 404)
  const { body } = await ask('GET', '')
  assert.deepEqual(body.hooks, [])
})

test('an endpoint is never asked to confirm itself', { timeout: 30_000 }, async (t) => {
  const receiver = await listen(t)
  const made = await ask('POST', '', { target_url: receiver.url, event: 'submission.submitted' })
  assert.equal(made.body.status, 'active')
  await server.publish(submitted(5))
  const first = await receiver.next()
  assert.equal(first.headers['x-hook-secret'], undefined)
  assert.equal(JSON.parse(first.body).data.values.Cost, 5)
})

test('who subscribes wrongly is told why', async () => {
  const refused = async (body, status, text) => {
    const answer = await ask('POST', '', body)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.match(answer.body.detail, text)
  }
  await refused({ event: 'submission.submited', target_url: 'http://127.0.0.1:1/' }, 422, /submission\.submitted/)
  await refused({ event: 'submission.submitted' }, 422, /where/)
  await refused({ event: 'submission.submitted', target_url: 'http://169.254.169.254/' }, 422, /169\.254\.169\.254/)
  const stranger = await call(`${server.url}/api/v1/hooks`, { authorization: 'Bearer wrong' })
  assert.equal(stranger.status, 401)
})
