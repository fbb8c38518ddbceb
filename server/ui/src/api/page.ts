/** A page of a list, the newest first; `next` is the cursor of the one after it. */
export type Page<Row> = { rows: Row[]; next?: string }

export const pageOf = <Row>(rows: Row[], next?: string): Page<Row> => (next ? { rows, next } : { rows })
