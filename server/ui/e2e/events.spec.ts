import { Application } from './application'
import { expect, test } from './house'

const cheap = { Cost: 1200.5, Quantity: 2, Model: 'A-14' }
const contact = { event: { platform: 'keap', name: 'contact.add' }, data: { id: 12 } }

test('no event is without a trace: each tells what came of it, and why nothing did', async ({ page, house }) => {
  await house.open()
  await house.signIn(page)
  await page.getByRole('link', { name: 'list of events' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing has happened yet' })).toBeVisible()
  await expect(page.getByRole('region', { name: /^With curl/ })).toContainText(`${house.url}/api/v1/events`)

  await house.call('POST', '/events', contact) // nobody has subscribed to it, and no tree is there
  const silent = page.getByRole('row').filter({ hasText: 'Keap' })
  await expect(silent, 'nobody has loaded the page again').toContainText('nothing listens')

  const { jobs } = await house.fire('laptop-request', cheap)
  await page.getByRole('button', { name: /^1 new/ }).click()
  const fired = page.getByRole('row').filter({ hasText: 'laptop-request' })
  await expect(fired).toContainText(`fired ${jobs.length}`)
  await expect(fired).toContainText('filter said no')
  await expect(fired.getByRole('link', { name: '#1' })).toBeVisible()

  await page.getByLabel('Nothing fired').check()
  await expect(fired).toHaveCount(0)
  await expect(silent).toBeVisible()
  await expect(page).toHaveURL(/fired=false/)
  await page.getByLabel('Platform').fill('kinetic')
  await expect(page.getByRole('heading', { name: 'No event is like that' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear filters' }).first().click()
  await expect(fired).toBeVisible()
  await page.getByLabel('A verdict').selectOption('Filter said no')
  await expect(silent).toHaveCount(0)
  await fired.getByRole('link').first().click()
  await expect(page.getByRole('heading', { name: 'Verdicts' })).toBeVisible()
  await expect(page.getByText('the filter is false')).toBeVisible()
})

test('events page to their end, and what is shown stays where it is', async ({ page, house }) => {
  await house.open()
  const many = Array.from({ length: 60 }, (_, id) => ({ ...contact, data: { id } }))
  await house.call('POST', '/events', many)
  await house.signIn(page)
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  const rows = page.locator('tbody tr:not(.skeleton)')
  await expect(rows).toHaveCount(50)
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(rows).toHaveCount(60)
  await expect(page.getByText('All 60 shown.')).toBeVisible()
})

test('who gets nothing comes first, and an empty list says how to begin in each dialect', async ({ page, house }) => {
  await house.open()
  await house.signIn(page)
  await page.getByRole('link', { name: 'Subscriptions' }).click()
  await page.getByRole('radio', { name: /^Keap/ }).check()
  await expect(page.getByRole('region', { name: /^A first subscription by Keap/ })).toContainText('"eventKey"')
  await expect(page.getByText('Its endpoint is asked to confirm first')).toBeVisible()

  const application = await Application.of(house, 'standard', 'integrations')
  const broken = await application.subscribe('/first')
  await application.subscribe('/second', { event: 'user.login' })
  await house.call('POST', `/subscriptions/${broken}/disable`, { note: 'at rest' })
  await page.reload()
  const rows = page.locator('tbody tr:not(.skeleton)')
  await expect(rows).toHaveCount(2)
  await expect(rows.first(), 'the oldest is in trouble').toContainText('Disabled')
  await page.getByLabel('Order').selectOption('Newest first')
  await expect(rows.first()).toContainText('user.login')
})

test('the keyboard goes on where a dialog was', async ({ page, house }) => {
  await house.open()
  const application = await Application.of(house, 'standard', 'integrations')
  const id = await application.subscribe('/crm')
  await house.signIn(page)
  await expect(page.getByRole('heading', { name: 'Webhook jobs' })).toBeVisible()
  await page.goto(`${house.url}/subscriptions/${id}`)
  const disable = page.getByRole('button', { name: 'Disable' })
  await disable.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(disable, 'whoever thought better of it').toBeFocused()
  await disable.press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).press('Enter')
  await expect(page.locator('.head')).toContainText('Disabled')
  await expect(page.locator('#content'), 'the button is gone').toBeFocused()
})
