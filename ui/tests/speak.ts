// The texts of the pages for tests: the generated catalogue itself.
import words from "../src/words.gen.json";
import type { Lang, Say } from "../src/words";

export function speaker(lang: Lang): Say {
  return (key, values = {}) =>
    words[lang][key].replace(/\{(\w+)\}/g, (_, name: string) => String({ profile: words[lang]["word.profile"], ...values }[name]));
}
