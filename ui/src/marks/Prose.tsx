// A sentence in which `names` between back ticks are set apart.

export function Prose({ text }: { text: string }) {
  const parts = text.split("`");
  // names are at the odd places; a lone tick is only a tick
  if (parts.length % 2 === 0) return text;
  return parts.map((part, place) => (place % 2 === 1 ? <code key={place} className="named">{part}</code> : part));
}
