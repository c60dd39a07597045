// The one catalogue of texts: generated from the Python words, typed, so that an unknown key does not compile.
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import words from "./words.gen.json";

export type Lang = "en" | "zh";
export type Key = keyof typeof words.en;
export type Values = Record<string, string | number>;
export type Say = (key: Key, values?: Values) => string;
/** A text of a document: one string, or one for each language. */
export type Text = string | { en?: string; zh?: string } | null | undefined;

const STORED = "wayfare.lang";

export function firstLanguage(): Lang {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = asked ?? localStorage.getItem(STORED) ?? navigator.language;
  return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function settle(lang: string): void {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  localStorage.setItem(STORED, lang);
}

export function startWords(): void {
  const lang = firstLanguage();
  void i18next.use(initReactI18next).init({
    lng: lang,
    fallbackLng: false,
    resources: { en: { translation: words.en }, zh: { translation: words.zh } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, prefix: "{", suffix: "}" },
    react: { bindI18nStore: "added" },
    initAsync: false,
  });
  settle(lang);
  i18next.on("languageChanged", settle);
}

/** Call the person what the workspace calls her; a Chinese term renames the Chinese pages, another one the English. */
export function setTerms(terms: Record<string, Text> | undefined): void {
  for (const lang of ["en", "zh"] as const) {
    const term = terms?.profile;
    const spoken = typeof term === "string" ? (/[\u3400-\u9fff]/.test(term) === (lang === "zh") ? term : undefined) : term?.[lang];
    if (spoken && spoken !== i18next.getResource(lang, "translation", "word.profile"))
      i18next.addResource(lang, "translation", "word.profile", spoken);
  }
}

export function useWords(): { say: Say; lang: Lang; setLang: (lang: Lang) => void } {
  const { t, i18n } = useTranslation();
  return {
    say: (key, values) => t(key, { profile: t("word.profile"), ...values }),
    lang: i18n.language === "zh" ? "zh" : "en",
    setLang: (lang) => void i18n.changeLanguage(lang),
  };
}

/** The text of a key that is made at run time (a reason, a channel), or the fallback when the catalogue has none. */
export function sayKnown(say: Say, key: string, fallback: string): string {
  return key in words.en ? say(key as Key) : fallback;
}

export function read(text: Text, lang: Lang, fallback = ""): string {
  if (text === null || text === undefined || text === "") return fallback;
  if (typeof text === "string") return text;
  return text[lang] ?? text.en ?? text.zh ?? fallback;
}
