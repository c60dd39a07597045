// A condition as a marketer reads it: the exact CEL with its prefixes and signs made plain. The exact text stays one click away.
import type { Say } from "../words";

const PREFIX = /\b(?:event\.properties|entry\.properties|profile\.traits|event|profile|context)\./g;
const SIGNS: [RegExp, string][] = [
  [/\s*==\s*/g, " = "],
  [/\s*!=\s*/g, " ≠ "],
  [/\s*>=\s*/g, " ≥ "],
  [/\s*<=\s*/g, " ≤ "],
];

/** `profile.traits.tier == "gold" && event.properties.price >= 2000` → `tier = “gold” and price ≥ 2000`; quoted texts stay untouched. */
export function plain(rule: string, say: Say): string {
  const parts = rule.split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/);
  return parts
    .map((part, place) => {
      if (place % 2 === 1) return say("word.quoted", { text: part.slice(1, -1) });
      let text = part.replace(PREFIX, "");
      for (const [sign, shown] of SIGNS) text = text.replace(sign, shown);
      return text
        .replace(/\s*&&\s*/g, ` ${say("word.and")} `)
        .replace(/\s*\|\|\s*/g, ` ${say("word.or")} `)
        .replace(/!(?=[\w(])/g, `${say("word.not")} `)
        .replace(/\[$/, "")
        .replace(/^\]/, "");
    })
    .join("")
    .trim();
}
