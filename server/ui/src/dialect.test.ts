import { describe, expect, it } from 'vitest'
import { shortName, splitName, titleOf } from './dialect'

describe('splitName', () => {
  it('parts a dialect from the id that it shows', () =>
    expect(splitName('keap/12')).toEqual({ dialect: 'keap', externalId: '12' }))
  it('takes a webhook of another name for none', () => {
    expect(splitName('Tell the auditor')).toBeUndefined()
    expect(splitName('billing/12')).toBeUndefined()
  })
  it('takes a path of an event for none', () => expect(splitName('keap/People > Changed')).toBeUndefined())
  it('takes a dialect without an id for none', () => expect(splitName('keap/')).toBeUndefined())
})

describe('shortName', () => {
  it('leaves a short id as it is', () => expect(shortName('keap/12')).toBe('keap/12'))
  it('keeps the end of a long one, which differs most', () =>
    expect(shortName('standard/01a20610-21cb-7779-a5cc-3894ee9aa48a')).toBe('standard/…9aa48a'))
})

describe('titleOf', () => {
  it('knows the dialects', () => expect(titleOf('actionstep')).toBe('Actionstep'))
  it('gives one that is new as the API does', () => expect(titleOf('fifth')).toBe('fifth'))
})
