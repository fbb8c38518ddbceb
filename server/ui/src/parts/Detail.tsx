import { Code, Value } from './Code'

/** What else is known of a failure. An answer's body is a text of its own, and read as one. */
export function Detail({ of }: { of: Record<string, unknown> | undefined }) {
  if (!of) {
    return null
  }
  const { body, ...rest } = of
  return (
    <details className="detail">
      <summary>Detail</summary>
      {typeof body === 'string' && <Code text={body} label="Body of the answer" />}
      <Value of={typeof body === 'string' ? rest : of} label="What else is known" />
    </details>
  )
}
