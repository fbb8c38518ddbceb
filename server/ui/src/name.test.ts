import { describe, expect, it } from 'vitest'
import { shortName, splitName } from './name'

describe('splitName', () => {
  const dialects = [{ name: 'keap' }, { name: 'fifth' }]
  it('parts a dialect from the id that it shows', () => {
    expect(splitName('keap/12', dialects)).toEqual({ dialect: 'keap', externalId: '12' })
    expect(splitName('fifth/a-b', dialects)).toEqual({ dialect: 'fifth', externalId: 'a-b' })
  })
  it('takes a webhook of another name for none', () => {
    expect(splitName('Tell the auditor', dialects)).toBeUndefined()
    expect(splitName('billing/12', dialects)).toBeUndefined()
  })
  it('takes a path of an event for none', () => expect(splitName('keap/People > Changed', dialects)).toBeUndefined())
  it('takes a dialect without an id for none', () => expect(splitName('keap/', dialects)).toBeUndefined())
  it('takes every name for none before the dialects are known', () => expect(splitName('keap/12', [])).toBeUndefined())
})

describe('shortName', () => {
  it('leaves a short id as it is', () => expect(shortName('keap/12')).toBe('keap/12'))
  it('keeps the end of a long one, which differs most', () =>
    expect(shortName('standard/01a20610-21cb-7779-a5cc-3894ee9aa48a')).toBe('standard/…9aa48a'))
})
