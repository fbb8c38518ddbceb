import type { Seen } from '../api/event'

/** What each part of an expression was worth, as the author wrote it. */
export function SeenTable({ seen, label }: { seen: Seen[]; label: string }) {
  return (
    <table className="seen">
      <caption className="hidden">{label}</caption>
      <thead>
        <tr>
          <th scope="col">Expression</th>
          <th scope="col">With its values</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {seen.map((part, index) => (
          <tr key={index}>
            <td>
              <code>{part.expression}</code>
            </td>
            <td>
              {part.shown && ![part.expression, JSON.stringify(part.value)].includes(part.shown) && (
                <code>{part.shown}</code>
              )}
            </td>
            <td>
              {part.evaluated ? (
                <code>{JSON.stringify(part.value)}</code>
              ) : (
                <span className="quiet">not evaluated</span>
              )}
              {part.error && <p className="bad">{part.error}</p>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
