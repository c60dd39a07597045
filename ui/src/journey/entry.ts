// The entry of a journey in words: what lets a person in, and how often.
import type { Entry } from "../api";
import { count, duration } from "../format";
import type { Key, Lang, Say } from "../words";
import { plain } from "./rule";

export function headline(entry: Entry, say: Say): string {
  switch (entry.on ?? "event") {
    case "event":
      return say("page.entry.event", { event: entry.event ?? "" });
    case "segment":
      return say(entry.change === "leave" ? "page.entry.segment.leave" : "page.entry.segment.enter", { segment: entry.segment ?? "" });
    case "schedule":
      return say("page.entry.schedule", { audience: entry.audience ?? "" });
    case "date":
      return say("page.entry.date", { field: plain(entry.field ?? "", say) });
    case "journey":
      return say("page.entry.journey", { journey: entry.journey ?? "" });
    default:
      return say("page.entry.api");
  }
}

/** Everything that narrows the entry, one short line each. */
export function limits(entry: Entry, say: Say, lang: Lang): string[] {
  const lines: string[] = [];
  if (entry.where) lines.push(say("page.entry.where", { rule: plain(entry.where, say) }));
  if (entry.who) lines.push(say("page.entry.where", { rule: plain(entry.who, say) }));
  return [...lines, pace(entry, say), ...cap(entry, say, lang)];
}

function pace(entry: Entry, say: Say): string {
  const again = entry.reentry ?? "never";
  const often =
    again === "always" ? say("page.entry.always")
    : again === "never" ? (entry.key ? "" : say("page.entry.once"))
    : say("page.entry.after", { duration: duration(again.after, say) });
  const each = entry.key ? say("page.entry.key", { key: plain(entry.key, say) }) : "";
  return [each, often].filter(Boolean).join(" · ");
}

function cap(entry: Entry, say: Say, lang: Lang): string[] {
  if (!entry.limit) return [];
  const key: Key = entry.limit.per ? `page.entry.limit.${entry.limit.per}` : "page.entry.limit";
  return [say(key, { total: count(entry.limit.total, lang) })];
}
