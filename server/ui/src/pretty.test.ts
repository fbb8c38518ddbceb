import { describe, expect, it } from 'vitest'
import { indent, masked, size, tokens } from './pretty'

describe('indent', () => {
  it('breaks JSON into lines', () =>
    expect(indent(' {"a":[1]}')).toEqual({ text: '{\n  "a": [\n    1\n  ]\n}', json: true }))
  it('leaves other text alone', () => expect(indent('a=1&b=2')).toEqual({ text: 'a=1&b=2', json: false }))
  it('leaves half of a JSON alone', () => expect(indent('{"a":')).toEqual({ text: '{"a":', json: false }))
  it('leaves empty lists and objects short', () => expect(indent('[{ },[\n]]').text).toBe('[\n  {},\n  []\n]'))
  it('keeps numbers, escapes and repeated names as they were sent', () => {
    const sent = '{"id":12345678901234567890,"n":1.0,"t":"\\u00e9 {,}","id":2}'
    expect(indent(sent).text.replace(/\n */g, '').replaceAll('": ', '":')).toBe(sent)
  })
  it('breaks lines as the language does', () => {
    const value = { a: [1, { b: null }], c: 'x: y, z', d: {}, e: [[], true] }
    expect(indent(JSON.stringify(value)).text).toBe(JSON.stringify(value, null, 2))
  })
  it('leaves nothing alone', () => expect(indent('')).toEqual({ text: '', json: false }))
})

describe('tokens', () => {
  const kinds = (text: string) => tokens(text).map((token) => `${token.kind} ${token.text}`)

  it('tells keys from texts and numbers', () => {
    expect(kinds('{"a": "b", "n": -2.5e3, "t": true}')).toEqual([
      'plain {',
      'key "a"',
      'plain :',
      'plain  ',
      'text "b"',
      'plain , ',
      'key "n"',
      'plain :',
      'plain  ',
      'word -2.5e3',
      'plain , ',
      'key "t"',
      'plain :',
      'plain  ',
      'word true',
      'plain }',
    ])
  })

  it('is not led astray by quotes in a text', () => expect(kinds('"a\\"b: 1"')).toEqual(['text "a\\"b: 1"']))

  it('finds masked secrets', () =>
    expect(kinds('"Bearer •••HR_TOKEN"')).toEqual(['text "Bearer ', 'secret •••HR_TOKEN', 'text "']))

  it.each(['', '{', '"open', 'plain words', '{"a":{"b":[1,2,"x\\\\"]}}', '•••'])(
    'keeps every character of %s',
    (text) =>
      expect(
        tokens(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text),
  )
})

describe('masked', () => {
  it('leaves a text without secrets whole', () => expect(masked('abc')).toEqual([{ kind: 'text', text: 'abc' }]))
})

describe('size', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_250_000, '1.3 MB'],
  ])('%d is %s', (bytes, want) => expect(size(bytes)).toBe(want))
})
