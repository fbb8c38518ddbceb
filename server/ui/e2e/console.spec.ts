import { Application } from './application'
import { expect, test } from './house'

const cheap = { Cost: 1200.5, Quantity: 2, Model: 'A-14' }

test('somebody signs in, sends an event, sees its job come and its run finish', async ({ page, house }) => {
  house.receiver.hold('/order')
  house.receiver.set('/order', 201, { number: 'PO-7' })
  await house.open()
  await house.signIn(page)
  await expect(page.getByRole('heading', { name: 'No webhook has fired yet' })).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  const receipt = await house.fire('laptop-request', cheap)
  const run = receipt.jobs.find((job) => job.run !== undefined)?.run ?? 0
  const row = page.getByRole('row').filter({ hasText: `#${run}` })
  await expect(row).toContainText('Complete')
  await expect(row).toContainText(`Initiated run #${run}`)

  await row.getByRole('link', { name: 'Submissions > services' }).click()
  await expect(page.getByRole('heading', { name: 'What was sent' })).toBeVisible()
  await expect(page.getByText('by the naming convention')).toBeVisible()
  await expect(page.getByText('the filter is false')).toBeVisible()
  await expect(
    page.getByRole('table', { name: 'What the filter of Tell procurement of large orders saw' }),
  ).toContainText('values.Quantity > 10')

  await page
    .getByRole('link', { name: `#${run}`, exact: true })
    .first()
    .click()
  const head = page.locator('.head')
  await expect(head).toContainText('Running')
  house.receiver.release('/order')
  await expect(head).toContainText('Complete') // nobody has loaded the page again
  await expect(page.getByText('Ordered as PO-7')).toBeVisible()
  await page.getByRole('button', { name: 'Open all' }).click()
  await expect(page.getByRole('region', { name: 'Outputs' })).toContainText('"number": "PO-7"')
  await expect(page.getByText('→ taken to order')).toBeVisible()
  await expect(page.getByText('⊣ not taken to approval')).toBeVisible()
  await expect(page.getByRole('table', { name: 'What the connector to order saw' })).toContainText('2401')
  await expect(page.locator('main')).not.toContainText('a secret of the tests')
})

test('a wrong password is refused with what to do', async ({ page, house }) => {
  await house.open()
  await house.signIn(page, 'admin', 'not the password')
  await expect(page.getByRole('alert')).toContainText('The name or the password is wrong.')
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  await page.getByLabel('Password').fill(house.password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()
})

test('the link of the first start makes the first admin', async ({ page, house }) => {
  await house.open('setup link')
  const link = /http\S+\/setup\?token=\S+/.exec(house.printed)?.[0]
  expect(link, house.printed).toBeDefined()
  await page.goto(link ?? '')
  await page.getByLabel('Password', { exact: true }).fill(house.password)
  await page.getByLabel('Password again').fill('another one')
  await expect(page.getByText('The two are not the same.')).toBeVisible()
  await page.getByLabel('Password again').fill(house.password)
  await page.getByRole('button', { name: 'Make admin and sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()

  await page.goto(link ?? '')
  await page.getByLabel('Password', { exact: true }).fill(house.password)
  await page.getByLabel('Password again').fill(house.password)
  await page.getByRole('button', { name: 'Make admin and sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('the first admin exists already')
})

test('new jobs wait until the reader asks for them', async ({ page, house }) => {
  await house.open()
  const first = await house.fire('laptop-request', cheap)
  await house.signIn(page)
  const rows = page.locator('tbody tr:not(.skeleton)')
  await expect(rows).toHaveCount(first.jobs.length)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  await house.fire('laptop-request', cheap)
  const more = page.getByRole('button', { name: /^2 new/ })
  await expect(more).toBeVisible()
  await expect(rows).toHaveCount(first.jobs.length)
  await more.click()
  await expect(rows).toHaveCount(2 * first.jobs.length)
  await expect(more).toBeHidden()
})

test('a list is narrowed by its address and by its fields', async ({ page, house }) => {
  house.receiver.set('/grant', 200, { ticket: 4 })
  await house.open()
  await house.fire('laptop-request', cheap)
  const access = await house.fire('access-request', { System: 'ledger' })
  await house.signIn(page)
  const rows = page.locator('tbody tr:not(.skeleton)')
  await expect(rows).toHaveCount(3)
  await page.getByLabel('Form').fill('access-request')
  await expect(rows).toHaveCount(access.jobs.length)
  await expect(page).toHaveURL(/form=access-request/)
  await page.getByLabel('Failed').check()
  await expect(page.getByRole('heading', { name: 'No webhook job is like that' })).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Failed')).toBeChecked()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await expect(rows).toHaveCount(3)
})

test('an operator mends what stopped, with a note', async ({ page, house }) => {
  house.receiver.set('/grant', 400, { problem: 'no such system' })
  await house.open()
  await house.fire('access-request', { System: 'legder' })
  await house.signIn(page)
  await page.getByRole('link', { name: /^Errors/ }).click()
  await expect(page.getByRole('link', { name: 'Errors 1 open' })).toBeVisible()
  await page.getByRole('link', { name: '#1' }).click()
  await expect(page.locator('.head')).toContainText('Error')

  await page.getByRole('button', { name: 'Skip' }).click()
  const dialog = page.getByRole('dialog', { name: 'Skip this node?' })
  await dialog.getByLabel(/^Results/).fill('{"ticket": ')
  await dialog.getByRole('button', { name: 'Skip' }).click()
  await expect(dialog.getByLabel('Note'), 'a note is required').toBeFocused()
  await dialog.getByLabel('Note').fill('granted by hand')
  await dialog.getByRole('button', { name: 'Skip' }).click()
  await expect(dialog.getByRole('alert')).toContainText('The results are no JSON')
  await dialog.getByLabel(/^Results/).fill('{"body": {"ticket": 99}}')
  await dialog.getByRole('button', { name: 'Skip' }).click()
  await expect(page.locator('.head')).toContainText('Complete')
  await expect(page.getByText('granted by hand')).toBeVisible()
  await page.getByText('Tell the requester').click()
  await expect(page.getByRole('region', { name: 'Results' }).filter({ hasText: 'ticket 99' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Errors', exact: true })).toBeVisible()
})

test('a job is tried again and a run is cancelled, each with a note', async ({ page, house }) => {
  house.receiver.hold('/order')
  await house.open()
  const { jobs } = await house.fire('laptop-request', cheap)
  const job = jobs.find((each) => each.run === 1)?.id ?? ''
  await house.signIn(page)
  await page.getByRole('row').filter({ hasText: '#1' }).getByRole('link', { name: '#1' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  const question = page.getByRole('dialog', { name: 'Cancel run #1?' })
  await question.getByLabel('Note').fill('ordered twice')
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(page.locator('.head')).toContainText('Running')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await question.getByRole('button', { name: 'Cancel run' }).click()
  await expect(page.locator('.head')).toContainText('Cancelled')
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0)

  await page.goto(`${house.url}/jobs/${job}`)
  await page.getByRole('button', { name: 'Retry' }).click()
  await page.getByRole('button', { name: 'Retry job' }).click()
  await expect(page.getByText('Initiated run #2')).toBeVisible()
  house.receiver.release('/order')
  await page.getByRole('link', { name: '#2' }).first().click()
  await expect(page.locator('.head')).toContainText('Run #2')
})

test('a viewer reads all and changes nothing', async ({ page, house }) => {
  house.receiver.set('/grant', 400, {})
  await house.open()
  const { jobs } = await house.fire('access-request', { System: 'x' })
  await house.call('POST', '/users', { name: 'reader', role: 'viewer', password: house.password })
  await house.signIn(page, 'reader')
  await expect(page.getByText('reader viewer')).toBeVisible()
  await page.goto(`${house.url}/runs/1`)
  await expect(page.getByRole('heading', { name: 'Errors' })).toBeVisible()
  await expect(page.getByRole('button', { name: /Retry|Skip|Cancel/ })).toHaveCount(0)
  await page.goto(`${house.url}/jobs/${jobs[0]?.id ?? ''}`)
  await expect(page.getByRole('heading', { name: 'Why it fired' })).toBeVisible()
  await expect(page.getByRole('button', { name: /Retry|Cancel/ })).toHaveCount(0)
})

test('a server that goes away is said to be away, and is followed when it is back', async ({ page, house }) => {
  await house.open()
  await house.fire('laptop-request', cheap)
  await house.signIn(page)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await house.close()
  await expect(page.getByText('Not live')).toBeVisible()
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('No answer from the server')
  await house.open()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row').filter({ hasText: '#1' })).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 15_000 })
})

test('signing out ends it, and signing in leads back', async ({ page, house }) => {
  await house.open()
  await house.signIn(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto(`${house.url}/runs?status=Error`)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill(house.password)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${house.url}/runs?status=Error`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  await page.context().clearCookies() // as when the session ends elsewhere
  await house.fire('laptop-request', cheap) // and the page asks for what is new
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('every page fits a narrow screen, and an unknown address is told so', async ({ page, house }) => {
  house.receiver.set('/grant', 400, { problem: 'no'.repeat(200) })
  await page.setViewportSize({ width: 360, height: 700 })
  await house.open()
  const laptop = await house.fire('laptop-request', { ...cheap, Model: 'long'.repeat(60) })
  const application = await Application.of(house, 'standard', 'integrations')
  const subscription = await application.subscribe(`/${'crm'.repeat(80)}`)
  await house.call('POST', `/subscriptions/${subscription}/disable`, { note: 'long'.repeat(60) })
  const access = await house.fire('access-request', { System: 'x' })
  await house.signIn(page)
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()
  const pages: [address: string, heading: string][] = [
    ['/jobs', 'Webhook jobs'],
    ['/jobs?status=Failed,Held', 'Webhook jobs'],
    ['/subscriptions', 'Subscriptions'],
    ['/subscriptions?q=none', 'No subscription is like that'],
    [`/subscriptions/${subscription}`, 'Latest deliveries'],
    ['/subscriptions/nothing', 'There is no such subscription'],
    ['/subscriptions/keap/99', 'keap/99 is gone'],
    ['/runs', 'Runs'],
    ['/events', 'Events'],
    ['/events?fired=false&source=nobody', 'No event is like that'],
    ['/errors', 'Open errors'],
    [`/jobs/${laptop.jobs[0]?.id ?? ''}`, 'Why it fired'],
    [`/events/${access.id}`, 'Verdicts'],
    ['/runs/2', 'Tasks'],
    ['/nowhere', 'There is no page at this address'],
    ['/jobs/nothing', 'The webhook job: not found'],
  ]
  for (const [address, heading] of pages) {
    await page.goto(house.url + address)
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible()
    await expect(page.locator('[aria-busy=true], .loading'), `${address} is loaded`).toHaveCount(0)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, `${address} is as wide as the screen`).toBeLessThanOrEqual(360)
  }
})
