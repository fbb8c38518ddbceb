import { describe, expect, it } from 'vitest'
import { narrows, queryOf, readFilter, readSearch, toggle, writeSearch } from './filter'

describe('readFilter', () => {
  it('reads what an address holds', () => {
    const search = readSearch('?status=Failed%2CQueued&q=cost+2400&kapp=services&since=1h')
    expect(readFilter(search)).toEqual({ status: 'Failed,Queued', q: 'cost 2400', kapp: 'services', since: '1h' })
  })

  it('takes a slug of digits as a text', () => expect(readFilter(readSearch('?form=0042'))).toEqual({ form: '0042' }))

  it('leaves out what means nothing', () => {
    expect(readFilter({ status: '', q: '  ', since: '3y', from: 'yesterday', colour: 'red', form: 7 })).toEqual({})
    expect(readFilter({ failing: 'false', event: '' })).toEqual({})
  })

  it('reads what subscriptions are narrowed by', () => {
    const filter = { dialect: 'keap', event: 'contact.add', owner: '7', failing: 'true' }
    expect(readFilter(filter)).toEqual(filter)
  })

  it('reads what events are narrowed by', () => {
    const filter = { fired: 'false', outcome: 'error', platform: 'keap', source: 'desk' }
    expect(readFilter(filter)).toEqual(filter)
    expect(readFilter({ fired: 'maybe', order: 'trouble' })).toEqual({})
  })

  it('lets a stretch from now win over two times', () => {
    expect(readFilter({ since: '24h', from: '2026-03-01T00:00:00Z' })).toEqual({ since: '24h' })
  })

  it('takes no names of the language for a stretch', () => expect(readFilter({ since: 'toString' })).toEqual({}))
})

describe('queryOf', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')

  it('counts back from now', () =>
    expect(queryOf({ q: 'x', since: '15m' }, now)).toEqual({ q: 'x', from: '2026-03-01T11:45:00.000Z' }))

  it('hands on two times', () => {
    const filter = { from: '2026-02-01T00:00:00Z', to: '2026-02-02T00:00:00Z' }
    expect(queryOf(filter, now)).toEqual(filter)
  })
})

describe('narrows', () => {
  it('is false for nothing', () => expect(narrows(readFilter({}))).toBe(false))
  it('is false for an order', () => expect(narrows({ order: 'newest' })).toBe(false))
  it('is true for anything', () => expect(narrows(readFilter({ q: 'x' }))).toBe(true))
})

describe('toggle', () => {
  const all = ['Queued', 'Complete', 'Failed']
  it('adds in the order of all', () => expect(toggle('Failed', 'Queued', all)).toBe('Queued,Failed'))
  it('takes out', () => expect(toggle('Queued,Failed', 'Failed', all)).toBe('Queued'))
  it('narrows nothing when the last goes', () => expect(toggle('Queued', 'Queued', all)).toBeUndefined())
  it('narrows nothing when all are in', () => expect(toggle('Queued,Failed', 'Complete', all)).toBeUndefined())
  it('drops what is no status', () => expect(toggle('Broken', 'Failed', all)).toBe('Failed'))
})

describe('writeSearch', () => {
  it('reads back', () => {
    const search = { q: 'a&b=c', status: 'In Progress', form: '0042' }
    expect(readSearch(writeSearch(search))).toEqual(search)
  })

  it('is nothing for nothing', () => expect(writeSearch({ q: '', status: undefined })).toBe(''))
})
