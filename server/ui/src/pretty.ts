/** A piece of JSON, with what it is. */
export type Token = { kind: 'key' | 'text' | 'word' | 'secret' | 'plain'; text: string }

/** JSON, set in lines; any other text as it is. */
export function indent(text: string): { text: string; json: boolean } {
  const start = text.trimStart()[0]
  if (start !== '{' && start !== '[') {
    return { text, json: false }
  }
  try {
    JSON.parse(text)
  } catch {
    return { text, json: false }
  }
  return { text: broken(text), json: true }
}

/** Sets valid JSON anew without reading it: numbers of twenty digits and repeated names stay what was sent. */
function broken(json: string): string {
  const parts = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
  const line = (depth: number) => `\n${'  '.repeat(depth)}`
  let depth = 0
  let text = ''
  for (const [index, part] of parts.entries()) {
    const closes = (each?: string) => each === '}' || each === ']'
    if (part === '{' || part === '[') {
      depth++
      text += closes(parts[index + 1]) ? part : part + line(depth)
    } else if (closes(part)) {
      depth--
      text += parts[index - 1] === '{' || parts[index - 1] === '[' ? part : line(depth) + part
    } else if (part === ',') {
      text += part + line(depth)
    } else {
      text += part === ':' ? ': ' : part
    }
  }
  return text
}

const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*\b/g

/** Takes JSON apart for the eye. Whatever is put in, the tokens together are the text. */
export function tokens(json: string): Token[] {
  const found: Token[] = []
  let end = 0
  for (const match of json.matchAll(pattern)) {
    if (match.index > end) {
      found.push({ kind: 'plain', text: json.slice(end, match.index) })
    }
    const [all, quoted, colon] = match
    if (quoted === undefined) {
      found.push({ kind: 'word', text: all })
    } else if (colon === undefined) {
      found.push(...masked(quoted))
    } else {
      found.push({ kind: 'key', text: quoted }, { kind: 'plain', text: colon })
    }
    end = match.index + all.length
  }
  if (end < json.length) {
    found.push({ kind: 'plain', text: json.slice(end) })
  }
  return found
}

/** The server shows a secret as three dots and its name. */
export function masked(text: string, rest: Token['kind'] = 'text'): Token[] {
  return text
    .split(/(•••[A-Za-z0-9_]*)/)
    .map((part, index): Token => ({ kind: index % 2 === 1 ? 'secret' : rest, text: part }))
    .filter((token) => token.text !== '')
}

/** A size in bytes, for people. */
export function size(bytes: number): string {
  if (bytes < 1000) {
    return `${bytes} B`
  }
  const kilo = bytes / 1000
  return kilo < 1000 ? `${kilo.toFixed(1)} kB` : `${(kilo / 1000).toFixed(1)} MB`
}
