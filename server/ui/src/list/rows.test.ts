import { describe, expect, it } from 'vitest'
import type { Page } from '../api/page'
import { countUnseen, flatten, refresh, unseen } from './rows'

type Row = { id: string; status: string }

const id = (row: Row) => row.id
const row = (name: string, status = 'Queued'): Row => ({ id: name, status })
const page = (names: string, next?: string): Page<Row> => {
  const rows = names.split('').map((name) => row(name))
  return next === undefined ? { rows } : { rows, next }
}
const names = (rows: Row[]) => rows.map(id).join('')

describe('refresh', () => {
  it('changes rows where they stand', () => {
    const pages = refresh([page('dc', 'x'), page('ba')], [row('b', 'Complete')], id)
    expect(pages[1]?.rows).toEqual([row('b', 'Complete'), row('a')])
  })

  it('lets no row come', () => {
    expect(refresh([page('ba')], [row('c'), row('b')], id)).toEqual([page('ba')])
  })

  it('keeps the cursor and the pages that did not change', () => {
    const first = page('dc', 'x')
    const pages = refresh([first, page('ba', 'y')], [row('a', 'Failed')], id)
    expect(pages[0]).toBe(first)
    expect(pages[1]?.next).toBe('y')
  })
})

describe('unseen', () => {
  it('finds what came since, in its order', () => {
    expect(names(unseen([page('cb'), page('a')], page('edc'), id))).toBe('ed')
  })

  it('finds rows that came in the middle', () => {
    expect(names(unseen([page('ca')], page('cba'), id))).toBe('b')
  })

  it('finds none in what is shown', () => {
    expect(unseen([page('cba')], page('cb'), id)).toEqual([])
  })
})

describe('countUnseen', () => {
  it('counts what came since', () => expect(countUnseen([page('ba')], page('dcba'), id)).toBe('2'))
  it('is open where a whole page is new', () => expect(countUnseen([page('ba')], page('fedc', 'x'), id)).toBe('4+'))
  it('is exact where the whole list is new', () => expect(countUnseen([page('')], page('ba'), id)).toBe('2'))
  it('is zero for an empty list', () => expect(countUnseen([page('ba')], page('', 'x'), id)).toBe('0'))
})

describe('flatten', () => {
  it('joins pages', () => expect(names(flatten([page('dc', 'x'), page('ba')], id))).toBe('dcba'))
  it('shows a row once', () => expect(names(flatten([page('dc', 'x'), page('cba')], id))).toBe('dcba'))
})
