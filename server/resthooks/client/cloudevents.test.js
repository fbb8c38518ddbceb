// The CloudEvents project's own library, which validates by the schema of the standard: it reads what we deliver and show
// as samples, and we read what it writes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CloudEvent, HTTP } from 'cloudevents'
import { call, open } from './house.js'
import { listen } from './receiver.js'

let server
let authorization
before(async () => {
  server = await open()
  authorization = `Bearer ${await server.token('standard')}`
})
after(() => server?.close())

const hooks = (method, path, body) => call(`${server.url}/api/v1/hooks${path}`, { method, body, authorization })

/** Reads a CloudEvent in structured form as the library does, which throws where it is none. */
function read({ headers, body }) {
  const event = HTTP.toEvent({ headers, body: body.toString() })
  assert.equal(event.validate(), true)
  return event
}

test('a delivery is a CloudEvent', { timeout: 30_000 }, async (t) => {
  const receiver = await listen(t)
  const made = await hooks('POST', '', { event: 'warehouse.StockLow', target_url: receiver.url })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const before = Date.now()
  const published = await server.publish({ event: { platform: 'warehouse', name: 'StockLow' }, data: { sku: 'Ü-7', left: 1 } })
  const event = read(await receiver.next())
  assert.equal(event.id, published.events[0].id, 'the id is that of the event, whoever gets it and however often')
  assert.deepEqual(
    { specversion: event.specversion, source: event.source, type: event.type, subject: event.subject, datacontenttype: event.datacontenttype },
    { specversion: '1.0', source: 'urn:hooktree', type: 'warehouse.StockLow', subject: 'Ü-7', datacontenttype: 'application/json' },
  )
  assert.ok(Date.parse(event.time) >= before - 1 && Date.parse(event.time) <= Date.now(), event.time)
  assert.equal(event.path, 'Warehouse / StockLow')
  assert.deepEqual(event.data, { sku: 'Ü-7', left: 1 })
})

test('every sample is a CloudEvent', async () => {
  const { events } = (await hooks('GET', '/events')).body
  for (const { name } of events) {
    const [sample] = (await hooks('GET', `/samples?event=${name}`)).body
    const event = read({ headers: { 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(sample) })
    assert.equal(event.type, name)
  }
})

for (const form of ['structured', 'binary']) {
  test(`a CloudEvent in ${form} form is taken`, { timeout: 30_000 }, async (t) => {
    const receiver = await listen(t)
    const id = `from-the-library-${form}`
    await hooks('POST', '', { event: 'warehouse.StockLow', target_url: receiver.url, filter: `data.sku == "${form}"` })
    const { headers, body } = HTTP[form](new CloudEvent({ id, source: '/shelves/3', type: 'warehouse.StockLow', data: { sku: form, left: 2 } }))
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST',
      headers: { ...headers, Authorization: `Basic ${Buffer.from(`admin:${server.password}`).toString('base64')}` },
      body,
    })
    assert.equal(answer.status, 202, await answer.text())
    assert.deepEqual(read(await receiver.next()).data, { sku: form, left: 2 })
  })
}
