// The header of every page: the house's name, where to go, how to see it, and the switch that stops every send.
import { useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconInbox, IconLayoutDashboard, IconMoon, IconSun, IconUsers } from "@tabler/icons-react";
import { Link, useLocation } from "wouter";
import { useOverview } from "../journey/queries";
import { useIsLive } from "../live";
import { read, useWords } from "../words";
import mark from "../mark.svg";
import "./shell.css";
import { KillSwitch, KillSwitchBanner } from "./KillSwitch";

const PAGES = [
  { href: "/", word: "page.nav.overview", icon: IconLayoutDashboard, below: "/journeys" },
  { href: "/people", word: "page.nav.people", icon: IconUsers, below: "/people" },
  { href: "/inbox", word: "page.nav.inbox", icon: IconInbox, below: "/inbox" },
] as const;

const SCHEMES = [
  { scheme: "light", icon: IconSun },
  { scheme: "dark", icon: IconMoon },
  { scheme: "auto", icon: IconDeviceDesktop },
] as const;

function Scheme() {
  const { say } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className="choice" role="group" aria-label={say("page.scheme")}>
      {SCHEMES.map(({ scheme, icon: Icon }) => (
        <button key={scheme} type="button" aria-pressed={colorScheme === scheme} title={say(`page.scheme.${scheme}`)}
          aria-label={say(`page.scheme.${scheme}`)} onClick={() => setColorScheme(scheme)}>
          <Icon size={16} stroke={1.8} aria-hidden />
        </button>
      ))}
    </div>
  );
}

function Language() {
  const { say, lang, setLang } = useWords();
  return (
    <div className="choice" role="group" aria-label={say("page.language")}>
      {(["zh", "en"] as const).map((one) => (
        <button key={one} type="button" lang={one === "zh" ? "zh-CN" : "en"} aria-pressed={lang === one} onClick={() => setLang(one)}>
          {one === "zh" ? "中文" : "EN"}
        </button>
      ))}
    </div>
  );
}

function Pulse() {
  const { say } = useWords();
  const live = useIsLive();
  return (
    <span className="pulse" data-live={live || undefined} role="status">
      <i aria-hidden />
      {say(live ? "page.live.on" : "page.live.off")}
    </span>
  );
}

export function Header() {
  const { say, lang } = useWords();
  const [location] = useLocation();
  const { data } = useOverview();
  return (
    <>
      <header className="house">
        <Link href="/" className="brand">
          <img src={mark} alt="" width={26} height={26} />
          <strong>wayfare</strong>
          {data && <span className="workspace">{read(data.workspace.name, lang, data.workspace.id)}</span>}
        </Link>
        <nav aria-label={say("page.nav.label")}>
          {PAGES.map(({ href, word, icon: Icon, below }) => {
            const here = location === href || location.startsWith(`${below}/`);
            return (
              <Link key={href} href={href} aria-current={here ? "page" : undefined}>
                <Icon size={17} stroke={1.7} aria-hidden />
                {say(word)}
              </Link>
            );
          })}
        </nav>
        <div className="tools">
          <Pulse />
          <Language />
          <Scheme />
          <KillSwitch />
        </div>
      </header>
      <KillSwitchBanner />
    </>
  );
}
