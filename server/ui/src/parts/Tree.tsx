import type { Target } from '../api/job'
import { splitPath, splitTitle } from '../path'

/** The path of an event or a tree; its end tells more than its start. */
export function Path({ path }: { path: string }) {
  const [start, end] = splitPath(path)
  return (
    <>
      {start}
      <span className="path-end">{end}</span>
    </>
  )
}

/** A tree's title as its author writes it: the path, then, where there is room, the source. */
export function Title({ title, brief = false }: { title: string; brief?: boolean }) {
  const { source, path } = splitTitle(title)
  return (
    <span title={title}>
      <Path path={path} />
      {source && !brief && <span className="quiet"> {source}</span>}
    </span>
  )
}

/** Where a webhook goes. */
export function TargetView({ target }: { target: Target }) {
  return target.tree === undefined ? <code className="url">{target.url}</code> : <Title title={target.tree} />
}
