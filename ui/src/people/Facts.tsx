// Names and values as they were sent: nested ones are flattened, so that nothing hides behind a bracket.

/** `{a: {b: 1}}` → `[["a.b", "1"]]`; lists are shown whole. */
export function flat(value: unknown, name = ""): [name: string, value: string][] {
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, name === "" ? key : `${name}.${key}`));
  if (value === null || value === undefined || value === "") return [[name, "–"]];
  if (Array.isArray(value)) return [[name, value.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one))).join(", ")]];
  return [[name, String(value)]];
}

/** `named`: the names are words of the pages and no keys of somebody's data. */
export function Facts({ facts, named = false }: { facts: Record<string, unknown>; named?: boolean }) {
  const lines = flat(facts).filter(([name]) => name !== "");
  if (lines.length === 0) return null;
  return (
    <dl className="person-facts">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{named ? name : <code>{name}</code>}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
