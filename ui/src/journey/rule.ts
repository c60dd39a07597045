// A condition as a marketer reads it: the exact CEL with its prefixes and signs made plain. The exact text stays one click away.
import type { Say } from "../words";

const NAME = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
const OF_EVENT = String.raw`event\.properties\.(${NAME})`;
const OF_ENTRY = String.raw`entry\.properties\.(${NAME})`;
/** The event speaks of what the enrollment is about (or not): `event.properties.X == entry.properties.X`, either way round. */
const SAME = new RegExp(String.raw`${OF_EVENT}\s*(==|!=)\s*entry\.properties\.\1(?![\w.])|${OF_ENTRY}\s*(==|!=)\s*event\.properties\.\3(?![\w.])`, "g");
const PREFIX = /\b(?:event\.properties|profile\.traits|event|profile|context)\./g;
const SIGNS: [RegExp, string][] = [
  [/\s*==\s*/g, " = "],
  [/\s*!=\s*/g, " ≠ "],
  [/\s*>=\s*/g, " ≥ "],
  [/\s*<=\s*/g, " ≤ "],
];

function words(code: string, say: Say): string {
  let text = code
    .replace(SAME, (_, a: string | undefined, signA: string | undefined, b: string | undefined, signB: string | undefined) =>
      say((signA ?? signB) === "==" ? "page.rule.same" : "page.rule.other", { field: a ?? b ?? "" }))
    .replace(new RegExp(OF_ENTRY, "g"), (_, field: string) => say("page.rule.at_entry", { field }))
    .replace(PREFIX, "");
  for (const [sign, shown] of SIGNS) text = text.replace(sign, shown);
  return text
    .replace(/\s*&&\s*/g, ` ${say("word.and")} `)
    .replace(/\s*\|\|\s*/g, ` ${say("word.or")} `)
    .replace(/!(?=[\w(])/g, `${say("word.not")} `);
}

/** `profile.traits.tier == "gold" && event.properties.price >= 2000` → `tier = “gold” and price ≥ 2000`; quoted texts stay untouched. */
export function plain(rule: string, say: Say): string {
  const parts = rule.split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/);
  return parts
    .map((part, place) => (place % 2 === 1 ? say("word.quoted", { text: part.slice(1, -1) }) : words(part, say)))
    .join("")
    .trim();
}

/** A rule without the parts that only say “of the same run”: what is left tells one way from another. */
export function telling(rule: string): string {
  if (rule.includes("||")) return rule;
  const parts = rule.split(/\s*&&\s*/).filter((part) => !new RegExp(`^\\(?(?:${SAME.source})\\)?$`).test(part.trim()));
  return parts.join(" && ");
}
