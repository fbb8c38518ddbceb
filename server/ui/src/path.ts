/** Parts the end of a path, which names the form and what happened, from where it lies. */
export function splitPath(path: string): [start: string, end: string] {
  const cut = path.lastIndexOf(' > ')
  return cut < 0 ? ['', path] : [path.slice(0, cut + 3), path.slice(cut + 3)]
}

/** `Source :: Group :: Name` as the source and the tree's path, `Group / Name`. */
export function splitTitle(title: string): { source: string; path: string } {
  const parts = title.split(' :: ')
  if (parts.length !== 3) {
    return { source: '', path: title }
  }
  const [source = '', group = '', name = ''] = parts
  return { source, path: group === '' ? name : `${group} / ${name}` }
}

/** What the API asks of a tree's path: its group and name, or its name alone. */
export function splitTree(path: string): { group?: string; name?: string } {
  const cut = path.lastIndexOf(' / ')
  if (cut < 0) {
    return path.trim() === '' ? {} : { name: path.trim() }
  }
  return { group: path.slice(0, cut).trim(), name: path.slice(cut + 3).trim() }
}

/** A sentence of the server in pieces; times in it stand apart, in RFC 3339. */
export function splitTimes(sentence: string): ({ text: string } | { at: string })[] {
  return sentence
    .split(/(\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d UTC|T\d\d:\d\d:\d\dZ))/)
    .map((part, index) => (index % 2 === 1 ? { at: part.replace(' ', 'T').replace(' UTC', 'Z') } : { text: part }))
    .filter((part) => !('text' in part) || part.text !== '')
}

/** Whether a tree is the one that the naming convention finds for a path; its title then says nothing new. */
export const follows = (title: string | undefined, path: string) =>
  title !== undefined && splitTitle(title).path === path

/** An address in pieces: what stands before and after its host. Userinfo, which may name anything, is no part of it. */
export function splitHost(url: string): [start: string, host: string, rest: string] {
  const found = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/is.exec(url)
  return found ? [found[1] ?? '', found[2] ?? '', found[3] ?? ''] : ['', '', url]
}
