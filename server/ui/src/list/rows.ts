import type { Page } from '../api/page'

/** A row's identity; a list holds each only once. */
export type Identify<Row> = (row: Row) => string

/**
 * Puts newer versions of rows in their places. Rows stay where they are, and none comes or goes: whoever reads the
 * list keeps their line. Pages without a change are the same objects as before.
 */
export function refresh<Row>(pages: Page<Row>[], newer: Row[], id: Identify<Row>): Page<Row>[] {
  const byID = new Map(newer.map((row) => [id(row), row]))
  return pages.map((page) => {
    if (!page.rows.some((row) => byID.has(id(row)))) {
      return page
    }
    return { ...page, rows: page.rows.map((row) => byID.get(id(row)) ?? row) }
  })
}

/** Rows of the newest page that the list does not hold yet. */
export function unseen<Row>(pages: Page<Row>[], newest: Page<Row>, id: Identify<Row>): Row[] {
  const known = new Set(pages.flatMap((page) => page.rows.map(id)))
  return newest.rows.filter((row) => !known.has(id(row)))
}

/** How many rows wait, in words: past a whole page of them nobody knows how many more there are. */
export function countUnseen<Row>(pages: Page<Row>[], newest: Page<Row>, id: Identify<Row>): string {
  const count = unseen(pages, newest, id).length
  const noOverlap = count > 0 && count === newest.rows.length && newest.next !== undefined
  return noOverlap ? `${count}+` : String(count)
}

/** The rows of all pages, each once: a row that moved down while pages were loaded comes twice. */
export function flatten<Row>(pages: Page<Row>[], id: Identify<Row>): Row[] {
  const rows = new Map<string, Row>()
  for (const row of pages.flatMap((page) => page.rows)) {
    if (!rows.has(id(row))) {
      rows.set(id(row), row)
    }
  }
  return [...rows.values()]
}
