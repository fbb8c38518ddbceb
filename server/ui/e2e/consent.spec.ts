import type { Page } from '@playwright/test'
import { createHash, randomBytes } from 'node:crypto'
import { expect, test, type House } from './house'

/** An application outside that asks users for their consent, and takes the answer at the receiver. */
class Asking {
  private constructor(
    private readonly house: House,
    readonly id: string,
    private readonly secret: string,
    readonly redirect: string,
  ) {}

  static async of(house: House): Promise<Asking> {
    const redirect = `${house.receiver.url}/callback`
    const asked = { name: 'Booking sync', dialect: 'keap', redirectUris: [redirect] }
    const { id, secret } = (await house.call('POST', '/clients', asked)) as { id: string; secret: string }
    return new Asking(house, id, secret, redirect)
  }

  readonly state = randomBytes(8).toString('hex')
  readonly verifier = randomBytes(32).toString('base64url')

  /** Where it sends its user. */
  get address(): string {
    const query = new URLSearchParams({
      client_id: this.id,
      redirect_uri: this.redirect,
      response_type: 'code',
      scope: 'full',
      state: this.state,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    return `${this.house.url}/app/oauth/authorize?${query.toString()}`
  }

  /** What came back with the browser. */
  async answered(page: Page): Promise<URLSearchParams> {
    await page.waitForURL((url) => url.href.startsWith(this.redirect))
    const answer = new URL(page.url()).searchParams
    expect(answer.get('state'), 'the state that was sent').toBe(this.state)
    return answer
  }

  async exchange(code: string): Promise<Response> {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirect,
      code_verifier: this.verifier,
      client_id: this.id,
      client_secret: this.secret,
    })
    return fetch(`${this.house.url}/token`, { method: 'POST', body })
  }
}

test('an application is let in by who signs in, and gets a token with which it makes a hook', async ({
  page,
  house,
}) => {
  await house.open()
  await house.call('POST', '/users', { name: 'desk', role: 'operator', password: house.password })
  const application = await Asking.of(house)
  await page.goto(application.address)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.getByLabel('Name').fill('desk')
  await page.getByLabel('Password').fill(house.password)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await expect(page.getByRole('heading', { name: /Let .*Booking sync.* in\?/ })).toBeVisible()
  await expect(page.getByText('in the name of desk, by the Keap API')).toBeVisible()
  await expect(page.getByText(new URL(application.redirect).host)).toBeVisible()
  const framed = await fetch(`${house.url}/consent`, { headers: { Accept: 'text/html' } })
  expect(framed.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")

  await page.getByRole('button', { name: 'Allow' }).click()
  const answer = await application.answered(page)
  const told = (await (await application.exchange(answer.get('code') ?? '')).json()) as { access_token: string }
  const hook = await fetch(`${house.url}/crm/rest/v1/hooks`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${told.access_token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ eventKey: 'contact.add', hookUrl: `${house.receiver.url}/hook` }),
  })
  expect(hook.status, 'a hook is made by the token').toBe(200)
})

test('an application that is denied is told so, and gets no code', async ({ page, house }) => {
  await house.open()
  const application = await Asking.of(house)
  await house.signIn(page)
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()
  await page.goto(application.address)
  await page.getByRole('button', { name: 'Deny' }).click()
  const answer = await application.answered(page)
  expect(answer.get('error')).toBe('access_denied')
  expect(answer.has('code')).toBe(false)
})

test('who may not let applications in is told so, and may sign in as somebody else', async ({ page, house }) => {
  await house.open()
  await house.call('POST', '/users', { name: 'guest', role: 'viewer', password: house.password })
  const application = await Asking.of(house)
  await house.signIn(page, 'guest')
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()
  await page.goto(application.address)
  await expect(page.getByText('You have the role viewer.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Allow' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Sign in as somebody else' }).click()
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill(house.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  expect((await application.answered(page)).has('code')).toBe(true)
})

test('a request whose sender is not known is shown to the user, and sent nowhere', async ({ page, house }) => {
  await house.open()
  const application = await Asking.of(house)
  await page.goto(application.address.replace('callback', 'elsewhere'))
  await expect(page.getByRole('heading', { name: 'Nobody was let in' })).toBeVisible()
  await expect(page.getByText('is no redirect_uri that was registered for Booking sync')).toBeVisible()
  expect(new URL(page.url()).origin, 'the browser stays here').toBe(house.url)
})
