// Two libraries for Standard Webhooks that know nothing of ours: the standard's own, and Svix's of a version that has its
// own code (the later ones call the standard's). They verify what we sign, and we what they sign. Neither does v1a: for
// that, Node's own ed25519 stands here.
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Webhook as Standard } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { call, open } from './house.js'
import { listen } from './receiver.js'

const libraries = { standardwebhooks: Standard, svix: Svix }
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** A pair of keys: the private one for node, the public one as the standard writes it. */
function newPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url')
  return { privateKey, written: `whpk_${raw.toString('base64')}` }
}

const partner = { secret: newSecret(), pair: newPair() }
let server
let authorization
before(async () => {
  server = await open({
    HOOKTREE_SECRET_PARTNER: partner.secret,
    HOOKTREE_SECRET_PARTNER_PAIR: partner.pair.written,
  })
  authorization = `Bearer ${await server.token('standard')}`
})
after(() => server?.close())

const hooks = (path, body) => call(`${server.url}/api/v1/hooks${path}`, { method: 'POST', body, authorization })
const submitted = () => ({
  event: { type: 'Submission', action: 'Submitted' },
  kapp: { slug: 'services' },
  form: { slug: 'laptop-request' },
  submission: { id: 'laptop-1' },
  values: { Cost: 3, Model: 'Über 13″' },
})

/** Whether a library takes a delivery for one that the secret signed. It gives the body, parsed, or throws. */
function verified(library, secret, { headers, body }) {
  return new libraries[library](secret).verify(body.toString(), headers)
}
const changed = (body) => Buffer.from(body.toString().replace('"Cost":3', '"Cost":4'))

for (const library of Object.keys(libraries)) {
  test(`${library} verifies what we sign`, { timeout: 30_000 }, async (t) => {
    const { url, next } = await listen(t)
    const made = await hooks('', { event: 'submission.submitted', target_url: url })
    assert.equal(made.status, 201)
    await server.publish(submitted())
    const delivery = await next()
    assert.equal(verified(library, made.body.secret, delivery).data.values.Cost, 3)

    const { headers, body } = delivery
    assert.notDeepEqual(changed(body), body)
    const stamp = Number(headers['webhook-timestamp'])
    for (const [what, other] of Object.entries({
      body: { headers, body: changed(body) },
      id: { headers: { ...headers, 'webhook-id': `${headers['webhook-id']}0` }, body },
      time: { headers: { ...headers, 'webhook-timestamp': `${stamp - 1}` }, body },
    })) {
      assert.throws(() => verified(library, made.body.secret, other), /No matching signature/, `another ${what}`)
    }
    assert.throws(() => verified(library, newSecret(), delivery), /No matching signature/)
  })

  test(`${library} verifies by the old and the new secret after a rotation`, { timeout: 30_000 }, async (t) => {
    const { url, next } = await listen(t)
    const old = newSecret()
    const made = await hooks('', { event: 'submission.submitted', target_url: url, secret: old })
    assert.equal(made.status, 201)
    const rotated = await hooks(`/${made.body.id}/rotate`)
    assert.equal(rotated.status, 200, JSON.stringify(rotated.body))
    const fresh = rotated.body.secret
    assert.notEqual(fresh, old)
    await server.publish(submitted())
    const delivery = await next()
    for (const secret of [old, fresh]) {
      assert.equal(verified(library, secret, delivery).data.values.Cost, 3)
      assert.throws(() => verified(library, secret, { ...delivery, body: changed(delivery.body) }), /No matching signature/)
    }
    assert.throws(() => verified(library, newSecret(), delivery), /No matching signature/)
  })

  test(`what ${library} signs is taken, and nothing else`, async () => {
    const signer = new libraries[library](partner.secret)
    await taken((id, at, body) => signer.sign(id, at, body))
  })
}

test('a pair of keys signs and verifies as a secret does', { timeout: 30_000 }, async (t) => {
  const { url, next } = await listen(t)
  const made = await hooks('', { event: 'submission.submitted', target_url: url, signature: 'v1a' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  assert.equal(made.body.secret, undefined, 'the private key is told to nobody')
  const old = made.body.public_key
  await server.publish(submitted())
  const first = await next()
  assert.equal(fits(old, first), true)
  assert.equal(fits(old, { ...first, body: changed(first.body) }), false)
  assert.equal(fits(newPair().written, first), false)

  const { public_key: fresh } = (await hooks(`/${made.body.id}/rotate`)).body
  assert.equal(fits(fresh, first), false)
  await server.publish(submitted())
  const second = await next()
  for (const key of [old, fresh]) {
    assert.equal(fits(key, second), true)
    assert.equal(fits(key, { ...second, body: changed(second.body) }), false)
  }
})

test('what a pair of keys signs is taken, and nothing else', async () => {
  await taken((id, at, content) => {
    const made = sign(null, signed(id, Math.floor(at / 1000), content), partner.pair.privateKey)
    return `v1a,${made.toString('base64')}`
  })
})

/** Whether one of a delivery's signatures is of the pair that a public key, whpk_ and base64, belongs to. */
function fits(key, { headers, body }) {
  const x = Buffer.from(key.replace('whpk_', ''), 'base64').toString('base64url')
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const content = signed(headers['webhook-id'], headers['webhook-timestamp'], body)
  return headers['webhook-signature'].split(' ').some((signature) => {
    const [version, text] = signature.split(',')
    return version === 'v1a' && verify(null, content, publicKey, Buffer.from(text, 'base64'))
  })
}

const signed = (id, stamp, body) => Buffer.concat([Buffer.from(`${id}.${stamp}.`), Buffer.from(body)])

/** Sends deliveries to our source: what is as it was signed comes in, and nothing else does. */
async function taken(sign) {
  const id = `msg_${randomBytes(8).toString('hex')}`
  const at = new Date()
  const body = JSON.stringify({ type: 'order.paid', timestamp: at, data: { total: 5, note: 'für Zoë' } })
  const send = async (what) => {
    const { headers, body: sent } = { headers: {}, body, ...what }
    const answer = await fetch(`${server.url}/in/partner`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Webhook-Id': id,
        'Webhook-Timestamp': `${Math.floor(at / 1000)}`,
        'Webhook-Signature': sign(id, at, body),
        ...headers,
      },
      body: sent,
    })
    return { status: answer.status, told: await answer.json() }
  }
  const old = new Date(at - 6 * 60_000)
  for (const [what, other] of Object.entries({
    'another body': { body: body.replace('5', '6') },
    'another id': { headers: { 'Webhook-Id': `${id}0` } },
    'an old delivery': { headers: { 'Webhook-Timestamp': `${Math.floor(old / 1000)}`, 'Webhook-Signature': sign(id, old, body) } },
    'no signature': { headers: { 'Webhook-Signature': '' } },
  })) {
    assert.equal((await send(other)).status, 401, what)
  }
  const first = await send()
  assert.equal(first.status, 200, JSON.stringify(first.told))
  const [{ path, duplicate }] = first.told.events
  assert.deepEqual([path, duplicate], ['Partner / order.paid', false])
  assert.equal((await send()).told.events[0].duplicate, true)
}
