// n8n's Keap trigger as a client of our API, and as a receiver of our deliveries.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, open } from './house.js'
import { workflow } from './n8n.js'
import { listen } from './receiver.js'

let server
let token
before(async () => {
  server = await open()
  token = await server.token('keap')
})
after(() => server?.close())

/** A workflow with an endpoint that is served by the node itself, as long as the workflow is on. */
async function installed(test, settings) {
  const started = []
  const at = { on: true }
  const receiver = await listen(test, async (delivery, response) => {
    if (!at.on) return response.writeHead(404).end()
    const items = await flow.receive(delivery, response)
    if (items) started.push(items)
  })
  const flow = await workflow({ url: server.url, token, webhookURL: `${receiver.url}/webhook/keap`, ...settings })
  return { ...flow, receiver, started, at }
}

const hooks = async () => (await call(`${server.url}/crm/rest/v1/hooks`, { authorization: `Bearer ${token}` })).body
const happened = (name, id) => ({
  event: { platform: 'keap', name, timestamp: '2026-03-02T06:00:00Z' },
  data: { id, timestamp: `2026-03-02T05:59:0${id}Z`, apiUrl: `https://api.example.com/contacts/${id}` },
})

test('n8n lists the events', async (t) => {
  const flow = await installed(t, {})
  const values = (await flow.events()).map((event) => event.value)
  assert.ok(values.includes('contact.add') && values.includes('invoice.payment.add'), values.join())
})

test('n8n subscribes, confirms, finds its subscription again, and deletes it', { timeout: 30_000 }, async (t) => {
  const flow = await installed(t, { eventId: 'contact.add' })
  assert.equal(await flow.checkExists(), false)
  assert.equal(await flow.create(), true)
  const key = flow.remembered.webhookId
  assert.match(key, /^\d+$/)
  assert.match((await flow.receiver.next()).headers['x-hook-secret'], /^[0-9a-f]{40}$/)

  const [hook] = (await hooks()).filter((h) => h.key === key)
  assert.deepEqual(hook, { key, eventKey: 'contact.add', hookUrl: `${flow.receiver.url}/webhook/keap`, status: 'Verified' })
  delete flow.remembered.webhookId
  assert.equal(await flow.checkExists(), true)
  assert.equal(flow.remembered.webhookId, key)

  assert.equal(await flow.delete(), true)
  assert.deepEqual(flow.remembered, {})
  assert.equal(await flow.checkExists(), false)
  flow.remembered.webhookId = key
  assert.equal(await flow.delete(), false, 'what is gone cannot be deleted')
})

test('n8n starts a workflow with each object of a delivery', { timeout: 30_000 }, async (t) => {
  const flow = await installed(t, { eventId: 'contact.edit' })
  await flow.create()
  await flow.receiver.next()
  await server.publish([happened('contact.edit', 1), happened('contact.add', 2), happened('contact.edit', 3)])
  await flow.receiver.next()
  const item = (id) => ({
    eventKey: 'contact.edit',
    objectType: 'contact',
    id,
    timestamp: `2026-03-02T05:59:0${id}Z`,
    apiUrl: `https://api.example.com/contacts/${id}`,
  })
  assert.deepEqual(flow.started, [[item(1), item(3)]])
  assert.equal(flow.receiver.left(), 0)
})

test('n8n hands on what was delivered where it is asked to', { timeout: 30_000 }, async (t) => {
  const flow = await installed(t, { eventId: 'task.complete', rawData: true })
  await flow.create()
  await flow.receiver.next()
  await server.publish(happened('task.complete', 4))
  await flow.receiver.next()
  const entry = { id: 4, apiUrl: 'https://api.example.com/contacts/4', timestamp: '2026-03-02T05:59:04Z' }
  assert.deepEqual(flow.started, [[{ event_key: 'task.complete', object_type: 'task', object_keys: [entry] }]])
})

test('a subscription that could not be confirmed gets nothing until n8n asks for it again', { timeout: 30_000 }, async (t) => {
  const flow = await installed(t, { eventId: 'note.add' })
  flow.at.on = false
  assert.equal(await flow.create(), true)
  const key = flow.remembered.webhookId
  await flow.receiver.next()
  assert.equal(await flow.checkExists(), false)
  await server.publish(happened('note.add', 5))

  flow.at.on = true
  assert.equal(await flow.create(), true)
  assert.equal(flow.remembered.webhookId, key, 'it is the same one')
  assert.ok((await flow.receiver.next()).headers['x-hook-secret'])
  assert.equal(await flow.checkExists(), true)
  await server.publish(happened('note.add', 6))
  await flow.receiver.next()
  assert.deepEqual(flow.started.flat().map(({ id }) => id), [6])
})

test('n8n is told what is wrong', async (t) => {
  const flow = await installed(t, { eventId: 'contact.added' })
  await assert.rejects(flow.create(), /400 - .*contact\.add\b/)
  const stranger = await workflow({ url: server.url, token: 'wrong', webhookURL: 'http://127.0.0.1:1/', eventId: 'contact.add' })
  await assert.rejects(stranger.checkExists(), /401 - .*"message"/)
})
