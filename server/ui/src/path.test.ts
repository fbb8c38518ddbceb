import { describe, expect, it } from 'vitest'
import { follows, splitHost, splitPath, splitTimes, splitTitle, splitTree } from './path'

describe('splitPath', () => {
  it('parts the form from where it lies', () =>
    expect(splitPath('Submissions > services > laptop-request / Submitted')).toEqual([
      'Submissions > services > ',
      'laptop-request / Submitted',
    ]))
  it('leaves a short one whole', () => expect(splitPath('Users / Created')).toEqual(['', 'Users / Created']))
})

describe('splitTitle', () => {
  it('gives the path as the author writes it', () =>
    expect(splitTitle('Kinetic Request CE :: Submissions > services > refund :: Submitted')).toEqual({
      source: 'Kinetic Request CE',
      path: 'Submissions > services > refund / Submitted',
    }))
  it('gives a routine without a group by its name', () =>
    expect(splitTitle('ACME ::  :: order one item')).toEqual({ source: 'ACME', path: 'order one item' }))
  it('leaves what is no title whole', () =>
    expect(splitTitle('https://a/b')).toEqual({ source: '', path: 'https://a/b' }))
})

describe('splitTree', () => {
  it('cuts at the last slash, as the language does', () =>
    expect(splitTree('a / b > c / Submitted')).toEqual({ group: 'a / b > c', name: 'Submitted' }))
  it('takes a bare word for the name', () => expect(splitTree(' Submitted ')).toEqual({ name: 'Submitted' }))
  it('is nothing for nothing', () => expect(splitTree(' ')).toEqual({}))
})

describe('follows', () => {
  const title = 'Kinetic Request CE :: Submissions > services > refund :: Submitted'
  it('is true for the tree of the path', () =>
    expect(follows(title, 'Submissions > services > refund / Submitted')).toBe(true))
  it('is false for a tree further up the ladder', () =>
    expect(
      follows('Kinetic Request CE :: Submissions :: Submitted', 'Submissions > services > refund / Submitted'),
    ).toBe(false))
  it('is false for no tree', () => expect(follows(undefined, 'Users / Created')).toBe(false))
})

describe('splitTimes', () => {
  it('finds the time in a sentence', () =>
    expect(splitTimes('retry 2 of 5 at 2026-11-22 23:20:28 UTC, and 1 more')).toEqual([
      { text: 'retry 2 of 5 at ' },
      { at: '2026-11-22T23:20:28Z' },
      { text: ', and 1 more' },
    ]))
  it('finds one as deliveries write it', () =>
    expect(splitTimes('failed since 2026-11-22T23:20:28Z; held')).toEqual([
      { text: 'failed since ' },
      { at: '2026-11-22T23:20:28Z' },
      { text: '; held' },
    ]))
  it('leaves a sentence without one whole', () =>
    expect(splitTimes('an error in grant')).toEqual([{ text: 'an error in grant' }]))
  it('takes another form for text', () => expect(splitTimes('at 2026-11-22 23:20 UTC')).toHaveLength(1))
})

describe('splitHost', () => {
  const cases: [url: string, want: string[]][] = [
    ['https://crm.example.com/hooks/7?x=1', ['https://', 'crm.example.com', '/hooks/7?x=1']],
    ['http://127.0.0.1:9000', ['http://', '127.0.0.1:9000', '']],
    ['https://bank.example@evil.example/', ['https://bank.example@', 'evil.example', '/']],
    ['https://a.example?next=http://b.example', ['https://', 'a.example', '?next=http://b.example']],
    ['no address', ['', '', 'no address']],
  ]
  it.each(cases)('%s', (url, want) => expect(splitHost(url)).toEqual(want))
})
