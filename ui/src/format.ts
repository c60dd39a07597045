// Numbers, times and durations as people of each language write them.
import type { Key, Lang, Say } from "./words";

const LOCALES: Record<Lang, string> = { en: "en-GB", zh: "zh-CN" };
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = made.get(key) as T | undefined;
  if (known) return known;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

/** A count in full up to six digits, then in the short form of the language (1.2M, 120万). */
export function count(value: number, lang: Lang): string {
  const short = Math.abs(value) >= 1_000_000;
  return cached(`n${lang}${short}`, () =>
    new Intl.NumberFormat(LOCALES[lang], short ? { notation: "compact", maximumFractionDigits: 1 } : {}),
  ).format(value);
}

/** A share between 0 and 1 as a percentage, with one decimal below ten per cent. */
export function share(value: number, lang: Lang): string {
  const digits = value > 0 && value < 0.0995 ? 1 : 0;
  return cached(`p${lang}${digits}`, () =>
    new Intl.NumberFormat(LOCALES[lang], { style: "percent", maximumFractionDigits: digits }),
  ).format(value);
}

/** `10%`, `0.1` or 0.1 as a number between 0 and 1. */
export function fraction(written: number | string | null | undefined): number {
  if (typeof written === "number") return written;
  if (!written) return 0;
  return written.trim().endsWith("%") ? Number.parseFloat(written) / 100 : Number.parseFloat(written);
}

type Shape = "moment" | "day" | "time" | "clock";
const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  moment: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};

/** An instant in a zone, as a person reads it; a dash for none. */
export function when(instant: string | null | undefined, lang: Lang, zone: string, shape: Shape = "moment"): string {
  if (!instant) return "–";
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  return cached(`d${lang}${zone}${shape}`, () =>
    new Intl.DateTimeFormat(LOCALES[lang], { ...SHAPES[shape], timeZone: zone }),
  ).format(at);
}

const UNITS: Record<string, [one: Key, many: Key]> = {
  s: ["word.second", "word.seconds"],
  m: ["word.minute", "word.minutes"],
  h: ["word.hour", "word.hours"],
  d: ["word.day", "word.days"],
  w: ["word.week", "word.weeks"],
};

/** `1h` as “1 hour”, `1h30m` as “1 hour 30 minutes”; what is no duration stays as it is. */
export function duration(written: string | null | undefined, say: Say): string {
  const parts = [...(written ?? "").replace(/^-/, "").matchAll(/(\d+)\s*([smhdw])/g)];
  if (parts.length === 0) return written ?? "";
  return parts
    .map(([, digits = "0", unit = "s"]) => say((UNITS[unit] as [Key, Key])[digits === "1" ? 0 : 1], { n: digits }))
    .join(" ");
}
