import type { Target } from '../api/job'

/** A tree's title, its name before where it belongs. */
export function Title({ title }: { title: string }) {
  const parts = title.split(' :: ')
  const name = parts.pop() ?? title
  return (
    <span className="title" title={title}>
      <span className="title-name">{name}</span>{' '}
      {parts.length > 0 && <span className="quiet">{parts.join(' :: ')}</span>}
    </span>
  )
}

/** Where a webhook goes. */
export function TargetView({ target }: { target: Target }) {
  return target.tree === undefined ? <code className="url">{target.url}</code> : <Title title={target.tree} />
}
