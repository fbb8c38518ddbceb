import { splitHost } from '../path'

/** Where deliveries go. The host tells more than the rest: it is what is up or down. */
export function Endpoint({ url }: { url: string }) {
  const [start, host, rest] = splitHost(url)
  return (
    <code className="url" title={url}>
      {start}
      <strong>{host}</strong>
      {rest}
    </code>
  )
}
